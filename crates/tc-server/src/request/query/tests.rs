use super::*;

#[test]
fn integers() {
    for (text, value) in [
        ("5", Some(5)),
        ("+5", Some(5)),
        ("-5", Some(-5)),
        ("2.0", Some(2)),
        (" 7 ", Some(7)),
    ] {
        assert_eq!(parse_int(text), value, "{text}");
    }
    for text in [
        "",
        "2.5",
        "2.",
        ".0",
        "abc",
        "1e3",
        "0x10",
        "--1",
        "99999999999999999999",
    ] {
        assert_eq!(parse_int(text), None, "{text}");
    }
}

#[test]
fn all_violations_are_collected() {
    let mut query = Query::parse(Some("limit=5001&since=x"));
    query.required_text("series_id");
    query.int("limit", 1..=5000, 500);
    query.optional_int("since", 0..=i64::MAX);
    let kinds: Vec<_> = query.violations.iter().map(Violation::kind).collect();
    assert_eq!(
        kinds,
        [
            ViolationKind::Missing,
            ViolationKind::LessThanEqual,
            ViolationKind::IntParsing
        ]
    );
}

#[test]
fn objects_are_written_as_json() {
    let mut query = Query::parse(Some("a=%7B%22x%22:1%7D&b=%5B%5D&c=%7B"));
    assert_eq!(Value::Object(query.object("a")), json!({ "x": 1 }));
    assert!(query.object("absent").is_empty() && query.violations.is_empty());
    assert!(query.object("b").is_empty() && query.object("c").is_empty());
    let kinds: Vec<_> = query.violations.iter().map(Violation::kind).collect();
    assert_eq!(
        kinds,
        [ViolationKind::ModelAttributesType, ViolationKind::JsonInvalid]
    );
}

#[test]
fn words() {
    let mut query = Query::parse(Some("a=one&b=two,one&c=three&d=one,,two&e=&f=one,%20two"));
    let known = ["one", "two"];
    let meaning = [("one", 1), ("two", 2)];
    assert_eq!(
        (query.word("a", &meaning, 0), query.word("none", &meaning, 0)),
        (1, 0)
    );
    assert_eq!(query.words("b", &known).unwrap(), ["two", "one"]);
    assert_eq!(query.words("f", &known).unwrap(), ["one", "two"]);
    assert_eq!(query.words("none", &known), None);
    assert_eq!(query.violations, []);
    query.word("c", &meaning, 0);
    for name in ["c", "d", "e"] {
        query.words(name, &known);
    }
    let kinds: Vec<_> = query.violations.iter().map(Violation::kind).collect();
    assert_eq!(kinds, [ViolationKind::LiteralError; 4]);
}

#[test]
fn flags_texts_and_numbers() {
    let mut query = Query::parse(Some("a=1&b=Off&c=maybe&d=0.5&e=x&f=nan&g=7&h=abc&i=&j=one"));
    assert_eq!(
        (
            query.flag("a", false),
            query.flag("b", true),
            query.flag("none", true)
        ),
        (true, false, true)
    );
    assert!((query.float("d", 0.2..=30.0, 2.0) - 0.5).abs() < f64::EPSILON);
    assert_eq!(query.text_within("h", 1..=3, "x"), "abc");
    assert_eq!(query.text_within("none", 1..=3, "x"), "x");
    assert_eq!(query.required_word("j", &[("one", 1)]), Some(1));
    assert_eq!(query.violations, []);
    query.flag("c", false);
    for name in ["e", "f", "g"] {
        query.float(name, 0.2..=3.0, 2.0);
    }
    query.text_within("h", 1..=2, "x");
    query.text_within("i", 1..=2, "x");
    query.required_word("none", &[("one", 1)]);
    query.required_word("h", &[("one", 1)]);
    let kinds: Vec<_> = query.violations.iter().map(Violation::kind).collect();
    assert_eq!(
        kinds,
        [
            ViolationKind::BoolParsing,
            ViolationKind::FloatParsing,
            ViolationKind::LessThanEqual,
            ViolationKind::LessThanEqual,
            ViolationKind::StringTooLong,
            ViolationKind::StringTooShort,
            ViolationKind::Missing,
            ViolationKind::LiteralError,
        ]
    );
}

#[test]
fn percent_encoding() {
    let query = Query::parse(Some("a=BTC%2FUSDT%3A1m&b=x+y&c=%zz&d=%F0%9F%98%80&a=last"));
    assert_eq!(query.text("a").as_deref(), Some("last"));
    assert_eq!(query.text("b").as_deref(), Some("x y"));
    assert_eq!(query.text("c").as_deref(), Some("%zz"));
    assert_eq!(query.text("d").as_deref(), Some("\u{1f600}"));
}
