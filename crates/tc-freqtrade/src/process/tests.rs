use std::{fs, sync::Mutex};

use super::*;

const LONG: Duration = Duration::from_secs(60);

fn shell(folder: &Path, script: &str) -> Program {
    Program::new(Path::new("sh"), folder).with(vec!["-c".into(), script.into()])
}

fn watch(timeout: Duration) -> Watch {
    Watch {
        timeout,
        kept: Kept::SHOWN,
        on_line: None,
    }
}

/// The process group of a program that wrote its number into `begun`.
async fn group(folder: &Path) -> rustix::process::Pid {
    loop {
        if let Ok(begun) = fs::read_to_string(folder.join("begun")) {
            return rustix::process::Pid::from_raw(begun.trim().parse().unwrap()).unwrap();
        }
        tokio::task::yield_now().await;
    }
}

/// The last of them may take a moment to be gone.
async fn gone(group: rustix::process::Pid) {
    while rustix::process::test_kill_process_group(group).is_ok() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn both_streams_and_the_code_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let mut program = shell(
        folder.path(),
        "echo said $TOLD; echo complained >&2; pwd > here; exit 3",
    );
    program.environment = vec![("TOLD".to_owned(), "so".into())];
    let lines = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&lines);
    let watch = Watch {
        on_line: Some(Arc::new(move |line| noted.lock().unwrap().push(line.to_owned()))),
        ..watch(LONG)
    };
    let ended = program.run(&watch).await.unwrap();
    assert!(matches!(ended.ending, Ending::Exited(status) if status.code() == Some(3)));
    assert_eq!(
        (ended.stdout.as_str(), ended.stderr.as_str()),
        ("said so\n", "complained\n")
    );
    assert_eq!(*lines.lock().unwrap(), ["complained"]);
    assert!(folder.path().join("here").is_file());
}

#[tokio::test]
async fn nobody_types_anything() {
    let folder = tempfile::tempdir().unwrap();
    let ended = shell(folder.path(), "read line || echo nothing")
        .run(&watch(LONG))
        .await;
    assert_eq!(ended.unwrap().stdout, "nothing\n");
}

#[tokio::test]
async fn what_takes_too_long_is_asked_to_end_and_may_say_so() {
    let folder = tempfile::tempdir().unwrap();
    let script = "trap 'echo ending; exit 0' TERM; echo begun; sleep 600 & wait";
    let ended = shell(folder.path(), script)
        .run(&watch(Duration::from_millis(500)))
        .await
        .unwrap();
    assert_eq!(ended.ending, Ending::TimedOut);
    assert_eq!(ended.stdout, "begun\nending\n");
}

#[tokio::test]
async fn what_does_not_want_to_end_is_killed_with_everything_it_started() {
    let folder = tempfile::tempdir().unwrap();
    let script = "trap '' TERM; echo before; (trap '' TERM; echo $$ > begun; sleep 600) & wait; wait";
    let ended = shell(folder.path(), script)
        .run(&watch(Duration::from_millis(500)))
        .await
        .unwrap();
    assert_eq!(
        (ended.ending, ended.stdout.as_str()),
        (Ending::TimedOut, "before\n")
    );
    gone(group(folder.path()).await).await;
}

#[tokio::test]
async fn a_run_that_nobody_waits_for_any_more_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let program = shell(
        folder.path(),
        "(echo $$ > begun.new; mv begun.new begun; sleep 600) & wait",
    );
    let run = tokio::spawn(async move { program.run(&watch(LONG)).await });
    let group = group(folder.path()).await;
    run.abort();
    assert!(run.await.unwrap_err().is_cancelled());
    gone(group).await;
}

#[tokio::test]
async fn a_program_that_is_not_there_does_not_start() {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::new(Path::new("./nothing-here"), folder.path());
    assert_eq!(program.bin, folder.path().join("./nothing-here"));
    let error = program.run(&watch(LONG)).await.unwrap_err();
    assert!(matches!(error, ProgramError::Start { .. }), "{error}");
    assert_eq!(
        Program::new(Path::new("freqtrade"), folder.path()).bin,
        Path::new("freqtrade")
    );
}
