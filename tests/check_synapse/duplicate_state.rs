//! `duplicate-state`.

use super::found;

#[test]
fn a_state_stands_once_in_a_list() {
    let said = found(
        r#"routes:
- {senders: "@a:x.example", recipients: "@b:x.example", when: {state: [busy, offline, org.matrix.msc3026.busy, busy]}}
- {senders: "@a:x.example", recipients: "@c:x.example", when: {state: [offline, org.matrix.msc3026.busy]}}
- {senders: "@a:x.example", recipients: "@d:x.example", when: {state: offline}}
"#,
    );
    assert_eq!(
        said,
        "a.yaml:2:87: warning[duplicate-state]: `org.matrix.msc3026.busy` is the same state as `busy`, which stands in \
         this list already; first named at a.yaml:2:72; remove one of the two\n\
         a.yaml:2:112: warning[duplicate-state]: `busy` stands in this list already; first named at a.yaml:2:72; remove \
         one of the two\n"
    );
}

#[test]
fn an_item_with_a_fault_leaves_the_others_their_places() {
    let said = found(
        r#"routes:
- {senders: "@a:x.example", recipients: "@b:x.example", when: {state: ["", offline, gone, offline]}}
"#,
    );
    let places: Vec<_> = (said.lines())
        .map(|line| line.split(": ").take(2).collect::<Vec<_>>().join(" "))
        .collect();
    assert_eq!(
        places,
        [
            "a.yaml:2:72 error[empty-name]",
            "a.yaml:2:85 warning[unknown-state]",
            "a.yaml:2:91 warning[duplicate-state]",
        ]
    );
}
