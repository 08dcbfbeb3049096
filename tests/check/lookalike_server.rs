//! `lookalike-server`.

use super::{each, found};

#[test]
fn a_wildcard_must_not_run_into_a_server_name() {
    assert_eq!(
        found(&each(&[
            r"'*example.org'",
            r"'@*example.org'",
            r"'@bot-*example.org'",
            r"'@{a,b}-?*example.org:8448'",
            r"'@*:*example.org'",
            r"{server: '*example.org'}",
        ]))
        .lines()
        .collect::<Vec<_>>(),
        [
            r"rules.yaml:2:13: warning[lookalike-server]: `*example.org` also matches users of other servers, such as `@a:evilexample.org`; write `@*:example.org`",
            r"rules.yaml:3:14: warning[lookalike-server]: `@*example.org` also matches users of other servers, such as `@a:evilexample.org`; write `@*:example.org`",
            r"rules.yaml:4:18: warning[lookalike-server]: `@bot-*example.org` also matches users of other servers, such as `@bot-:evilexample.org`; write `@bot-*:example.org`",
            r"rules.yaml:5:21: warning[lookalike-server]: `@{a,b}-?*example.org:8448` also matches users of other servers, such as `@a-a:evilexample.org:8448`; write `@{a,b}-?*:example.org:8448`",
            r"rules.yaml:6:16: warning[lookalike-server]: `@*:*example.org` also matches users of other servers, such as `@a:evilexample.org`; write `@*:example.org` for this server, or `@*:*.example.org` for those below it",
            r#"rules.yaml:7:22: warning[lookalike-server]: `*example.org` also matches users of other servers, such as `@a:evilexample.org`; write `{server: example.org}` for this server, or `{server: "*.example.org"}` for those below it"#,
        ]
    );
    assert_eq!(
        found(&each(&[
            r"'@*:example.org'",
            r"'@*:*.example.org'",
            r"'*:example.org'",
            r"'@*.example.org'",
            r"{server: '*.example.org'}",
            r"'@*bot'",
            r"'@*:*'",
            r"'@bot*:m-*.example.org'",
            r"{server: '*'}",
        ])),
        ""
    );
}
