use super::*;

fn read(grid: &Value) -> Result<Vec<GridLine>, Vec<(String, Value)>> {
    let mut fields = Map::new();
    if !grid.is_null() {
        fields.insert("grid".to_owned(), grid.clone());
    }
    let mut object = Object::new(fields, vec![json!("body")]);
    let lines = object.required_grid("grid", 100);
    match object.finish() {
        Ok(()) => Ok(lines),
        Err(error) => {
            let body = error.body("id");
            let list = body["detail"].as_array().unwrap();
            let told = list
                .iter()
                .map(|one| (one["type"].as_str().unwrap().to_owned(), one["loc"].clone()));
            Err(told.collect())
        }
    }
}

#[test]
fn lists_and_spans_are_values() {
    let lines = read(&json!({
        "a": [3, 1.5, true], "b": { "from": 0, "to": 0.3, "step": 0.1 }, "c": { "from": 5, "to": 5, "step": 1 },
        "d": { "from": 0, "to": 1, "step": 0.4 },
    }));
    let expected: Vec<GridLine> = vec![
        ("a".to_owned(), vec![3.0, 1.5, 1.0]),
        ("b".to_owned(), vec![0.0, 0.1, 0.2, 0.3]),
        ("c".to_owned(), vec![5.0]),
        ("d".to_owned(), vec![0.0, 0.4, 0.8]),
    ];
    assert_eq!(lines, Ok(expected));
}

#[test]
fn what_is_no_grid_is_told_where_it_is() {
    let span = |from: f64, to: f64, step: f64| json!({ "a": { "from": from, "to": to, "step": step } });
    for (grid, kind, place) in [
        (Value::Null, "missing", json!(["body", "grid"])),
        (json!([1]), "model_attributes_type", json!(["body", "grid"])),
        (json!({}), "too_short", json!(["body", "grid"])),
        (json!({ "a": [] }), "too_short", json!(["body", "grid", "a"])),
        (json!({ "a": 1 }), "list_type", json!(["body", "grid", "a"])),
        (
            json!({ "a": [1, "x"] }),
            "float_type",
            json!(["body", "grid", "a", 1]),
        ),
        (
            json!({ "a": { "from": 1, "to": 2 } }),
            "missing",
            json!(["body", "grid", "a", "step"]),
        ),
        (
            span(1.0, 2.0, 0.0),
            "value_error",
            json!(["body", "grid", "a", "step"]),
        ),
        (
            span(2.0, 1.0, 1.0),
            "value_error",
            json!(["body", "grid", "a", "to"]),
        ),
        (span(0.0, 1e300, 1e-300), "too_long", json!(["body", "grid", "a"])),
        (span(0.0, 100.0, 1.0), "too_long", json!(["body", "grid", "a"])),
    ] {
        assert_eq!(read(&grid), Err(vec![(kind.to_owned(), place)]), "{grid}");
    }
    assert_eq!(
        read(&span(1.0, 100.0, 1.0)).map(|lines| lines[0].1.len()),
        Ok(100)
    );
    let both = json!({ "a": { "from": 1, "to": 11, "step": 1 }, "b": { "from": 1, "to": 10, "step": 1 } });
    assert_eq!(
        read(&both),
        Err(vec![("too_long".to_owned(), json!(["body", "grid"]))])
    );
}
