//! The exchange simulator as a program of its own.

use std::{
    error::Error as _,
    net::{Ipv4Addr, SocketAddr},
    process::ExitCode,
};

use clap::Parser;
use tc_exchange_sim::{FaultScript, SampleSet, SimConfig, SimError, Simulator, VirtualClock};
use tc_market::MarketKind;

/// Plays the bundled candles on loopback as if it were Binance.
#[derive(Debug, Parser)]
#[command(name = "tc-exchange-sim", version)]
struct Flags {
    /// Port to listen on; 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// How many times as fast as real time, 1 to 10000.
    #[arg(long, default_value_t = 20.0)]
    speed: f64,
    /// Let the clock stand still until `POST /sim/clock/{unix_ms}` moves it.
    #[arg(long, conflicts_with = "speed")]
    manual: bool,
    /// A file with the fault script; `POST /sim/faults` brings another one.
    #[arg(long)]
    faults: Option<std::path::PathBuf>,
}

#[tokio::main]
#[expect(
    clippy::print_stderr,
    reason = "a program says on standard error why it cannot start"
)]
async fn main() -> ExitCode {
    match play(&Flags::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let cause = error
                .source()
                .map(|cause| format!(": {cause}"))
                .unwrap_or_default();
            eprintln!("error: {error}{cause}");
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stdout, reason = "the addresses are the output of this program")]
async fn play(flags: &Flags) -> Result<(), SimError> {
    let data = SampleSet::bundled()?;
    let start_ms = data.demo_start_ms();
    let clock = if flags.manual {
        VirtualClock::manual(start_ms)
    } else {
        VirtualClock::running(start_ms, flags.speed)?
    };
    let mut config = SimConfig::new(data, clock);
    if let Some(file) = &flags.faults {
        let text = std::fs::read_to_string(file).map_err(|source| SimError::Script {
            file: file.clone(),
            source,
        })?;
        config.faults = FaultScript::parse(&text)?;
    }
    config.bind = SocketAddr::from((Ipv4Addr::LOCALHOST, flags.port));
    let simulator = Simulator::start(config).await?;
    for market in MarketKind::ALL {
        println!("{:<18} {}", format!("{market} rest"), simulator.rest_base(market));
        println!(
            "{:<18} {}",
            format!("{market} websocket"),
            simulator.ws_base(market)
        );
    }
    for name in ["clock", "faults", "counters"] {
        println!("{name:<18} {}/sim/{name}", simulator.rest_base(MarketKind::Spot));
    }
    if tokio::signal::ctrl_c().await.is_ok() {
        simulator.shutdown().await;
    }
    Ok(())
}
