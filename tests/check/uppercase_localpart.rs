//! `uppercase-localpart`.

use super::{each, found};

#[test]
fn the_case_of_a_user_id_counts() {
    assert_eq!(
        found(&each(&[
            r"'@Alice:example.org'",
            r"{user: '@_irc_Bob*:example.org'}",
        ]))
        .lines()
        .collect::<Vec<_>>(),
        [
            r#"rules.yaml:2:14: warning[uppercase-localpart]: `@Alice:example.org` has capitals, and the case of a user ID counts; accounts made today have none: write `"@alice:example.org"`, unless this one is old or made by a bridge"#,
            r"rules.yaml:3:21: warning[uppercase-localpart]: `@_irc_Bob*:example.org` has capitals, and the case of a user ID counts; accounts made today have none: write `{user: '@_irc_bob*:example.org'}`, unless this one is old or made by a bridge",
        ]
    );
    assert_eq!(
        found(&each(&[
            r"'@alice:example.org'",
            r"'@Known:example.org'",
            r"'@Bot-*:example.org'",
            r"'@Élise:example.org'",
        ])),
        ""
    );
}
