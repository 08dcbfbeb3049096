//! `ipv6-as-glob`.

use super::{each, found};

#[test]
fn an_address_in_brackets_is_no_class() {
    assert_eq!(
        found(&each(&[
            r"'@a:[::1]'",
            r"'@a:[::g]'",
            r"'@*:[2001:db8::1]:8448'",
            r"'@bot-*:[::1]'",
            r"{server: '[::g]'}",
            r"{server: '[::1]:https'}",
        ]))
        .lines()
        .collect::<Vec<_>>(),
        [
            r"rules.yaml:2:16: warning[ipv6-as-glob]: this is read as a glob, in which the brackets of `[::1]` are a class of characters; write `{user: '@a:[::1]'}`",
            r#"rules.yaml:3:16: warning[ipv6-as-glob]: this is read as a glob, in which the brackets of `[::g]` are a class of characters; `[::g]` is not a server name; write a valid one, as in `{user: "@alice:[2001:db8::1]"}`"#,
            r#"rules.yaml:4:16: warning[ipv6-as-glob]: this is read as a glob, in which the brackets of `[2001:db8::1]` are a class of characters; write `{server: "[2001:db8::1]:8448"}`"#,
            r"rules.yaml:5:20: warning[ipv6-as-glob]: this is read as a glob, in which the brackets of `[::1]` are a class of characters; write `'@bot-*:\[::1\]'`",
            r#"rules.yaml:6:22: warning[ipv6-as-glob]: this is read as a glob, in which the brackets of `[::g]` are a class of characters; `[::g]` is not a server name; write a valid one, as in `{server: "[2001:db8::1]"}`"#,
            r#"rules.yaml:7:22: warning[ipv6-as-glob]: this is read as a glob, in which the brackets of `[::1]` are a class of characters; `[::1]:https` is not a server name; write a valid one, as in `{server: "[2001:db8::1]"}`"#,
        ]
    );
    assert_eq!(
        found(&each(&[
            r"{user: '@a:[::1]'}",
            r"{server: '[::1]'}",
            r"'@a[:,.]b:*'",
            r"'@*:[ab].example.org'",
            r"'@*:[!:]*'",
        ])),
        ""
    );
}
