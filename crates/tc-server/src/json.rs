//! JSON written part by part, for answers whose largest parts come encoded: these are neither parsed nor copied twice.

use axum::{
    body::Body,
    http::{HeaderValue, header},
    response::Response,
};
use serde::Serialize;
use tc_factor::CodecError;

/// Whether everything could be written.
pub(crate) type Written = Result<(), CodecError>;

/// Fields of an object that is being written.
#[derive(Debug)]
pub(crate) struct Fields<'a> {
    out: &'a mut Vec<u8>,
    any: bool,
}

/// A body with what `write` appends.
pub(crate) fn body(write: impl FnOnce(&mut Vec<u8>) -> Written) -> Result<Vec<u8>, CodecError> {
    let mut out = Vec::new();
    write(&mut out)?;
    Ok(out)
}

/// An answer with an encoded body.
pub(crate) fn response(body: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(body));
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// Appends an object.
pub(crate) fn object(out: &mut Vec<u8>, write: impl FnOnce(&mut Fields<'_>) -> Written) -> Written {
    out.push(b'{');
    write(&mut Fields { out, any: false })?;
    out.push(b'}');
    Ok(())
}

/// Appends a list with what `each` appends per item.
pub(crate) fn list<T>(
    out: &mut Vec<u8>,
    items: impl IntoIterator<Item = T>,
    mut each: impl FnMut(&mut Vec<u8>, T) -> Written,
) -> Written {
    out.push(b'[');
    for (n, item) in items.into_iter().enumerate() {
        if n > 0 {
            out.push(b',');
        }
        each(out, item)?;
    }
    out.push(b']');
    Ok(())
}

impl Fields<'_> {
    /// A field with a plain value.
    pub(crate) fn value(&mut self, name: &str, value: &(impl Serialize + ?Sized)) -> Written {
        self.part(name, |out| {
            serde_json::to_writer(out, value).map_err(|_| CodecError::Json)
        })
    }

    /// A field whose value is encoded already.
    pub(crate) fn encoded(&mut self, name: &str, json: &[u8]) -> Written {
        self.part(name, |out| {
            out.extend_from_slice(json);
            Ok(())
        })
    }

    /// A field whose value `write` appends.
    pub(crate) fn part(&mut self, name: &str, write: impl FnOnce(&mut Vec<u8>) -> Written) -> Written {
        if self.any {
            self.out.push(b',');
        }
        self.any = true;
        serde_json::to_writer(&mut *self.out, name).map_err(|_| CodecError::Json)?;
        self.out.push(b':');
        write(self.out)
    }
}

/// That an answer has exactly the fields that its description has.
#[cfg(test)]
#[track_caller]
pub(crate) fn assert_described<T: utoipa::PartialSchema>(answer: &serde_json::Value) {
    let schema = serde_json::to_value(T::schema()).unwrap();
    let names = |value: &serde_json::Value| {
        let fields = value.as_object().unwrap().keys();
        fields.cloned().collect::<std::collections::BTreeSet<_>>()
    };
    let required = schema["required"].as_array().unwrap();
    let required: Vec<&str> = required.iter().map(|name| name.as_str().unwrap()).collect();
    let (described, given) = (names(&schema["properties"]), names(answer));
    assert!(given.is_subset(&described), "{given:?} against {described:?}");
    assert!(
        required.iter().all(|name| given.contains(*name)),
        "{given:?} lacks some of {required:?}"
    );
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn parts_make_a_document() {
        let written = body(|out| {
            object(out, |fields| {
                fields.value("a", &1)?;
                fields.value("b \"", "text \"")?;
                fields.encoded("c", b"{\"d\":[1.0]}")?;
                fields.part("e", |out| {
                    list(out, [1, 2], |out, n| object(out, |fields| fields.value("n", &n)))
                })?;
                fields.part("f", |out| list(out, [(); 0], |_, ()| Ok(())))
            })
        });
        let read: serde_json::Value = serde_json::from_slice(&written.unwrap()).unwrap();
        let expected = json!({
            "a": 1, "b \"": "text \"", "c": { "d": [1.0] }, "e": [{ "n": 1 }, { "n": 2 }], "f": [],
        });
        assert_eq!(read, expected);
        assert_eq!(body(|out| object(out, |_| Ok(()))).unwrap(), b"{}");
    }
}
