//! The reference page of all options, made from the table.

use std::fmt::Write as _;

use super::{
    row::{DemoPreset, Kind, OptionRow, Preset},
    table,
};

const INTRODUCTION: &str = "\
# Options

<!-- Made from the option table by `cargo xtask gen`; edit crates/trade-canvas/src/config/table.rs instead. -->

Every option is read once, when the process starts; a change needs a restart.
`trade-canvas config show` prints every option with its value and where the value comes from.

## Sources

Later sources win:

1. the default of the table below; for some switches it depends on the profile;
2. the file `trade-canvas.toml` in the working directory, or the one that `--config` or `TRADE_CANVAS_CONFIG` names;
3. environment variables;
4. the command line.

One option, spelled for each source:

| source | spelling |
| --- | --- |
| file | `market_ws_catchup_limit = 5000`, or under `[market]`: `ws_catchup_limit = 5000`, or under `[market.ws]`: `catchup_limit = 5000` |
| environment | `TRADE_CANVAS_MARKET_WS_CATCHUP_LIMIT=5000` |
| command line | `--market-ws-catchup-limit 5000`; a switch is `--enable-dev-api` or `--enable-dev-api=false` |

In the file a list is an array of texts; elsewhere it is one text with commas.
A wrong value or an unknown name in the file or on the command line stops start-up.
In the environment an unusable value counts as unset, a value below the minimum is raised to it, and both are logged.
There a switch is on for `1`, `true`, `yes` and `on`, and off for any other text, the empty one included.
A path may begin with `~`; a relative one belongs to the working directory.
";

/// The page as Markdown.
#[must_use]
pub fn reference_markdown() -> String {
    let mut page = INTRODUCTION.to_owned();
    for section in table::SECTIONS {
        // Writing into a text cannot fail.
        let _ = write!(
            page,
            "\n## {}\n\n| option | type | default | limits | unit | since | meaning |\n\
             | --- | --- | --- | --- | --- | --- | --- |\n",
            section.heading
        );
        for row in section.rows {
            let _ = writeln!(
                page,
                "| `{}` | {} | {} | {} | {} | {} | {} |",
                row.name,
                kind_name(row),
                default_text(row),
                limits(row),
                row.unit,
                row.since,
                meaning(row),
            );
        }
    }
    page.push_str("\n## Read by other programs\n\nVariables with the same prefix that are no options.\n\n");
    for (name, meaning) in table::READ_ELSEWHERE {
        let _ = writeln!(page, "- `{name}`: {meaning}");
    }
    page.push_str("\n## Accepted without effect\n\nOlder environments may set these; each gives one line in the log.\n\n");
    for name in table::WITHOUT_EFFECT {
        let _ = writeln!(page, "- `{name}`");
    }
    page
}

fn kind_name(row: &OptionRow) -> &'static str {
    match row.kind {
        Kind::Switch => "switch",
        Kind::Int { .. } => "integer",
        Kind::Float { .. } => "number",
        Kind::Text => "text",
        Kind::Choice(_) => "word",
        Kind::Url => "URL",
        Kind::List => "list",
        Kind::Path => "path",
        Kind::Secret => "secret",
    }
}

fn default_text(row: &OptionRow) -> String {
    let word = |on: bool| if on { "on" } else { "off" };
    let plain = match row.preset {
        Preset::Unset => "none".to_owned(),
        Preset::SwitchOf(name) => format!("as `{name}`"),
        Preset::Switch { bare, workbench } if bare == workbench => word(bare).to_owned(),
        Preset::Switch { bare, workbench } => {
            format!("`bare`: {}, `workbench`: {}", word(bare), word(workbench))
        }
        Preset::Int(number) => number.to_string(),
        Preset::Float(number) => number.to_string(),
        Preset::Text("") => "empty".to_owned(),
        Preset::Text(text) => format!("`{text}`"),
        Preset::List(items) => format!("`{}`", items.join(",")),
    };
    match row.demo_preset {
        DemoPreset::Same => plain,
        DemoPreset::Text(text) => format!("{plain}; demo: `{text}`"),
        DemoPreset::Simulator => format!("{plain}; demo: the simulator"),
    }
}

fn limits(row: &OptionRow) -> String {
    match row.kind {
        Kind::Int {
            minimum,
            maximum: Some(limit),
        } => format!("{minimum} to {limit}"),
        Kind::Int {
            minimum,
            maximum: None,
        } => format!("≥ {minimum}"),
        Kind::Float { minimum } => format!("≥ {minimum}"),
        Kind::Choice(words) => words
            .iter()
            .map(|word| format!("`{word}`"))
            .collect::<Vec<_>>()
            .join(", "),
        _ => String::new(),
    }
}

fn meaning(row: &OptionRow) -> String {
    let mut meaning = row.description.to_owned();
    if let Some(alias) = row.alias {
        let _ = write!(meaning, " Older name: `{alias}`.");
    }
    if !row.in_file {
        meaning.push_str(" Environment and command line only.");
    }
    meaning
}
