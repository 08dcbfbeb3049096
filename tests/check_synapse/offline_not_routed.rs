//! `offline-not-routed`.

use super::found;

#[test]
fn states_without_offline() {
    let said = found(
        r#"routes:
- {senders: "@a:x.example", recipients: "@b:x.example", when: {state: [online, unavailable]}}
- {senders: "@a:x.example", recipients: "@c:x.example", when: {state: online, currently_active: true}}
- {senders: "@a:x.example", recipients: "@d:x.example", when: {currently_active: true}}
"#,
    );
    assert_eq!(
        said,
        "a.yaml:2:71: warning[offline-not-routed]: these states leave out `offline`, so the recipients keep seeing the last state that was sent; add `offline` to the states\n\
         a.yaml:3:71: warning[offline-not-routed]: these states leave out `offline`, so the recipients keep seeing the last state that was sent; add `offline` to the states\n\
         a.yaml:4:82: warning[offline-not-routed]: nobody who goes `offline` is active, so the recipients keep seeing the last state that was sent; remove `currently_active`, or add a route for `state: \
         offline` with the same senders and recipients\n"
    );
}

#[test]
fn offline_is_sent() {
    let said = found(
        r#"routes:
- {senders: "@a:x.example", recipients: "@b:x.example", when: {state: [online, offline]}}
- {senders: "@a:x.example", recipients: "@c:x.example", when: {state: offline}}
- {senders: "@a:x.example", recipients: "@d:x.example", when: {currently_active: false}}
- {senders: "@a:x.example", recipients: "@e:x.example", when: {state: online}}
- {senders: "@a:x.example", recipients: "@e:x.example", when: {state: offline}}
- {senders: "@a:x.example", recipients: "@f:x.example", when: {state: [online, ofline]}}
"#,
    );
    assert_eq!(
        said,
        "a.yaml:7:80: warning[unknown-state]: `ofline` is not a Matrix presence state; did you mean \
         `online`?\n"
    );
}
