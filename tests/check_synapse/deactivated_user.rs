//! `deactivated-user`.

use super::checked;

#[test]
fn named_by_a_rule() {
    let said = checked(
        &[r#"groups: {staff: ["@a:x.example", "@gone:x.example"]}
routes: [{senders: {group: staff}, recipients: ["@a:x.example", "@left:x.example"]}]
"#],
        Some(
            r#"{"users": [{"name": "@a:x.example", "deactivated": false}, {"name": "@gone:x.example", "deactivated": true},
 {"name": "@left:x.example", "deactivated": 1}]}"#,
        ),
    );
    assert_eq!(
        said,
        "a.yaml:1:34: warning[deactivated-user]: `@gone:x.example` is deactivated, as the known users say; remove \
         it, or name the account that has taken its place\n\
         a.yaml:2:65: warning[deactivated-user]: `@left:x.example` is deactivated, as the known users say; remove \
         it, or name the account that has taken its place\n"
    );
}

#[test]
fn not_named_or_excluded() {
    let said = checked(
        &[
            r#"routes: [{senders: {include: {server: x.example}, exclude: "@gone:x.example"}, recipients: "@a:x.example"}]
blocks: [{senders: "@gone:x.example"}]
"#,
        ],
        Some(
            r#"[{"name": "@gone:x.example", "deactivated": true}, {"name": "@a:x.example", "deactivated": 0}]"#,
        ),
    );
    assert_eq!(said, "");
}
