//! What a scalar without quotes is: nothing, a flag, a number, or text.

use super::Value;

/// Resolves a scalar without quotes. `serde_yaml` decides, wherever it could be anything but text.
pub(super) fn resolve(text: &str) -> Value<'_> {
    let Some(first) = text.bytes().next() else {
        return Value::Nothing;
    };
    let may_be_number = matches!(first, b'0'..=b'9' | b'+' | b'-' | b'.')
        && (text.bytes()).all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    let words = ["~", "null", "true", "false"];
    if !may_be_number && !words.iter().any(|word| text.eq_ignore_ascii_case(word)) {
        return Value::Text(text);
    }
    // Behind a space, `---` and `...` are no marks between documents.
    match serde_yaml::from_str(&format!(" {text}")) {
        Ok(serde_yaml::Value::Null) => Value::Nothing,
        Ok(serde_yaml::Value::Bool(flag)) => Value::Flag(flag),
        Ok(serde_yaml::Value::Number(number)) => {
            Value::Number(number.as_f64().unwrap_or(f64::INFINITY))
        }
        // A whole number that no machine has.
        Err(_) => Value::Number(f64::INFINITY),
        Ok(_) => Value::Text(text),
    }
}
