//! Signals beside the candles of a strategy, by the command.

use std::{
    io::{Read, Write},
    process::{Command, Stdio},
    sync::{
        Arc,
        mpsc::{self, RecvTimeoutError},
    },
    thread,
    time::Duration,
};

use anyhow::{Context, ensure};
use arrow_array::{Array, ArrayRef, Float64Array, RecordBatch, TimestampMillisecondArray};
use arrow_ipc::{reader::StreamReader, writer::StreamWriter};
use tc_market::Candle;

use crate::{
    candles,
    report::{Report, median, ms, ratio, timed},
    start::{program, status_kb},
};

/// A year of minutes.
const YEAR: usize = 525_600;
const RUNS: usize = 5;
const SAMPLE_EVERY: Duration = Duration::from_millis(1);

pub(crate) fn run(report: &mut Report) -> anyhow::Result<()> {
    let frame = frame(&candles::walk(YEAR)?)?;
    let (mut whole, mut bare) = (Vec::new(), Vec::new());
    let (mut peak_kb, mut bare_kb, mut pens) = (0, 0, 0);
    for _ in 0..RUNS {
        let answered = answered(&frame, &[])?;
        whole.push(answered.took);
        peak_kb = peak_kb.max(answered.peak_kb);
        pens = answered.pens;
        // Without pens there is nothing to compute: what is left is to read the frame and to write the answer.
        let empty = self::answered(&frame, &["--factors", "pivot"])?;
        ensure!(empty.pens == 0, "nothing is computed");
        bare.push(empty.took);
        bare_kb = bare_kb.max(empty.peak_kb);
    }
    ensure!(pens > 1_000, "there are pens");
    let (took, without) = (median(&mut whole), median(&mut bare));
    report.row(
        &format!("annotate: {YEAR} candles by the command, {pens} rows with pens"),
        format!("{}, {} of the baseline", ms(took), ratio(took, without)),
        format!("the same without any factor: {}", ms(without)),
        "<= 2,000 ms",
    );
    let mb = |kb: u32| format!("{:.0} MB", f64::from(kb) / 1024.0);
    report.row(
        "annotate: most memory of that command",
        mb(peak_kb),
        format!("without any factor: {}", mb(bare_kb)),
        "<= 400 MB",
    );
    Ok(())
}

/// Candles as a strategy sends them.
fn frame(candles: &[Candle]) -> anyhow::Result<Vec<u8>> {
    let times = candles.iter().map(|candle| candle.time().seconds() * 1_000);
    let column =
        |of: fn(&Candle) -> f64| -> ArrayRef { Arc::new(candles.iter().map(of).collect::<Float64Array>()) };
    let dates: ArrayRef = Arc::new(TimestampMillisecondArray::from_iter_values(times).with_timezone("UTC"));
    let batch = RecordBatch::try_from_iter([
        ("date", dates),
        ("open", column(Candle::open)),
        ("high", column(Candle::high)),
        ("low", column(Candle::low)),
        ("close", column(Candle::close)),
        ("volume", column(Candle::volume)),
    ])?;
    let mut writer = StreamWriter::try_new(Vec::new(), &batch.schema())?;
    writer.write(&batch)?;
    Ok(writer.into_inner()?)
}

struct Answered {
    took: Duration,
    peak_kb: u32,
    pens: usize,
}

fn answered(frame: &[u8], further: &[&str]) -> anyhow::Result<Answered> {
    let mut command = Command::new(program()?);
    command
        .args([
            "annotate",
            "--profile",
            "bare",
            "--timeframe",
            "1m",
            "--series-id",
        ])
        .arg(candles::series()?.as_str())
        .args(further);
    let (ended, took) = timed(|| ended(&mut command, frame));
    let (answer, peak_kb) = ended?;
    let reader = StreamReader::try_new(answer.as_slice(), None)?;
    ensure!(
        reader
            .schema()
            .metadata()
            .get("tc_ok")
            .is_some_and(|ok| ok == "true"),
        "the answer has signals"
    );
    let mut pens = 0;
    for batch in reader {
        let batch = batch?;
        let column = batch.column_by_name("tc_pen_dir").context("a direction")?;
        pens += column.len() - column.null_count();
    }
    Ok(Answered { took, peak_kb, pens })
}

/// What a command answers to its input, and its largest resident set, kB. It is looked up until the output ends, which is
/// when the command exits.
fn ended(command: &mut Command, input: &[u8]) -> anyhow::Result<(Vec<u8>, u32)> {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let mut output = child.stdout.take().context("the output of the command")?;
    let (sender, ended) = mpsc::channel::<()>();
    let reader = thread::spawn(move || {
        // Dropped at the end: that is the signal.
        let _sender = sender;
        let mut answer = Vec::new();
        output.read_to_end(&mut answer).map(|_| answer)
    });
    child
        .stdin
        .take()
        .context("the input of the command")?
        .write_all(input)?;
    let mut peak_kb = 0;
    while let Err(RecvTimeoutError::Timeout) = ended.recv_timeout(SAMPLE_EVERY) {
        // A process that is just ending has no such line any more.
        peak_kb = peak_kb.max(status_kb(child.id(), "VmHWM:").unwrap_or(0));
    }
    let answer = reader.join().ok().context("the output could be read")??;
    ensure!(child.wait()?.success(), "the command ended well");
    Ok((answer, peak_kb))
}
