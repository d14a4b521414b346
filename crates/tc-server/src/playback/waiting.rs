//! Commands that wait one behind the other.

use tokio::sync::mpsc;

use crate::ws::messages::ReplayCommand;

/// Most bars that waiting steps come to together.
const MOST_MERGED: i64 = 5_000;

/// Of seeks that wait one behind the other only the last one matters, and steps in one direction are one move: whoever
/// drags or holds a key is not shown what is past already. Answers the command, and the first one that waits behind it.
pub(super) fn merged(
    first: ReplayCommand,
    commands: &mut mpsc::Receiver<ReplayCommand>,
) -> (ReplayCommand, Option<ReplayCommand>) {
    let mut merged = first;
    while matches!(merged, ReplayCommand::Seek(_) | ReplayCommand::Step(_)) {
        let Ok(next) = commands.try_recv() else {
            break;
        };
        merged = match (merged, next) {
            (ReplayCommand::Seek(_), next @ ReplayCommand::Seek(_)) => next,
            (ReplayCommand::Step(count), ReplayCommand::Step(more))
                if count.signum() == more.signum() && (count + more).abs() <= MOST_MERGED =>
            {
                ReplayCommand::Step(count + more)
            }
            (merged, next) => return (merged, Some(next)),
        };
    }
    (merged, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What becomes of commands that wait one behind the other.
    fn obeyed(waiting: Vec<ReplayCommand>) -> Vec<ReplayCommand> {
        let (send, mut commands) = mpsc::channel(waiting.len());
        for command in waiting {
            send.try_send(command).unwrap();
        }
        let mut obeyed = Vec::new();
        while let Ok(command) = commands.try_recv() {
            let (command, after) = merged(command, &mut commands);
            obeyed.push(command);
            obeyed.extend(after);
        }
        obeyed
    }

    #[test]
    fn what_is_past_already_is_not_shown() {
        use ReplayCommand::{Pause, Seek, Step};
        assert_eq!(
            obeyed(vec![Seek(1), Seek(2), Seek(3), Step(1)]),
            [Seek(3), Step(1)]
        );
        assert_eq!(
            obeyed(vec![Step(-1), Step(-1), Step(-3), Pause]),
            [Step(-5), Pause]
        );
    }

    #[test]
    fn what_differs_is_obeyed_one_by_one() {
        use ReplayCommand::{Pause, Seek, Step};
        assert_eq!(obeyed(vec![Step(2), Step(-2)]), [Step(2), Step(-2)]);
        assert_eq!(obeyed(vec![Pause, Seek(1)]), [Pause, Seek(1)]);
        assert_eq!(
            obeyed(vec![Step(MOST_MERGED), Step(1)]),
            [Step(MOST_MERGED), Step(1)]
        );
    }
}
