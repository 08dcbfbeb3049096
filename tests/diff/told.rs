//! Whoever gains or loses something by a change is named, is in a set that is, or is counted.

use crate::cli::Setup;

/// What `diff` says of the two, without places and without what derives from routes.
fn told(old: &str, new: &str) -> Vec<String> {
    let setup = Setup::new("");
    setup.write("old.yaml", old);
    setup.write("new.yaml", new);
    let ran = setup.run(&["diff", "old.yaml", "new.yaml"], "");
    assert_eq!(ran.err, "");
    let lines = (ran.out.lines()).take_while(|line| !line.contains("may see"));
    let said = lines.filter(|line| {
        ["+ ", "- ", "    all ", "    and ", "and "]
            .iter()
            .any(|start| line.starts_with(start))
    });
    said.map(|line| line.trim().to_owned()).collect()
}

/// What old pairs gain by other conditions is told beside the new pairs.
#[test]
fn new_updates_of_old_pairs_are_told() {
    let route = |senders: &str, when: &str| {
        format!(
            "routes: [{{name: r, senders: {senders}, recipients: '@lobby:x.example', when: {{{when}}}}}]"
        )
    };
    let (alice, both) = (
        "'@alice:x.example'",
        "['@alice:x.example', '@bob:x.example']",
    );
    let online = route(alice, "state: [online]");
    assert_eq!(
        told(&online, &route(both, "state: [online, offline]")),
        [
            "+ `@lobby:x.example` gets the updates of `@bob:x.example`, for the state `online`",
            "+ `@lobby:x.example` gets the updates of `@bob:x.example`, for the state `offline`",
            "all senders: `@alice:x.example` and `@bob:x.example`",
        ]
    );
    assert_eq!(
        told(&online, &route(both, "state: {not: [online, busy]}")),
        [
            "+ `@lobby:x.example` gets the updates of `@bob:x.example`, for every state but `online` and `busy`",
            "all senders: `@alice:x.example` and `@bob:x.example`",
            "- `@lobby:x.example` gets the updates of `@alice:x.example`, for the state `online`",
        ]
    );
    assert_eq!(
        told(
            &route(both, "state: [online, unavailable], currently_active: true"),
            &route(both, "state: [online, unavailable, busy]")
        ),
        [
            "+ `@lobby:x.example` gets the updates of `@bob:x.example`, for the states `online`, `unavailable` and `busy`, \
             unless `currently_active: true`; and for the state `busy`, with `currently_active: true`",
            "all senders: `@alice:x.example` and `@bob:x.example`",
        ]
    );
}

/// Whoever is not named is in a set that is, or is counted.
#[test]
fn everybody_is_named_or_counted() {
    let users = |range: std::ops::Range<usize>| -> String {
        let users: Vec<_> = range.map(|n| format!("'@u{n:03}:x.example'")).collect();
        format!("[{}]", users.join(", "))
    };
    let rules = |senders: &str, recipients: &str| {
        format!(
            "{{routes: [{{name: r, senders: {senders}, recipients: {recipients}}}], derive_interests: false}}"
        )
    };
    let lobby = "'@lobby:x.example'";
    // A list that shrinks, alone and beside a pattern.
    assert_eq!(
        told(&rules(&users(0..200), lobby), &rules(&users(0..150), lobby)),
        [
            "- `@lobby:x.example` gets the updates of `@u150:x.example`",
            "all senders: `@u150:x.example` and 49 others",
        ]
    );
    let beside = |range| format!("[{}, '@b*:x.example']", users(range));
    assert_eq!(
        told(
            &rules(&beside(0..200), lobby),
            &rules(
                &format!("{{include: {}, exclude: '@bo*:x.example'}}", beside(0..150)),
                lobby
            )
        ),
        [
            "- `@lobby:x.example` gets the updates of `@bo:x.example`",
            "all senders: everyone who matches `@bo*:x.example`; `@u150:x.example` and 49 others",
        ]
    );
    // More patterns than are named.
    let servers = |count: usize| -> String {
        let servers: Vec<_> = (0..count)
            .map(|n| format!("{{server: s{n}.example}}"))
            .collect();
        format!("[{}]", servers.join(", "))
    };
    assert_eq!(
        told(&rules(&servers(1), lobby), &rules(&servers(9), lobby)),
        [
            "+ `@lobby:x.example` gets the updates of `@a:s1.example`",
            "all senders: every user of `s1.example`, every user of `s2.example`, every user of `s3.example` and 5 more \
             such sets",
        ]
    );
    // One template, and then another.
    assert_eq!(
        told(
            &rules(
                "{server: x.example}",
                "{template: '@{localpart}:y.example'}"
            ),
            &rules(
                "{include: {server: x.example}, exclude: '@b*:x.example'}",
                "[{template: '@{localpart}:y.example'}, {template: '@{localpart}:z.example'}]"
            )
        ),
        [
            "+ `@a:z.example` gets the updates of `@a:x.example`",
            "all senders: every user of `x.example` but `@b*:x.example`",
            "all recipients: of each sender, whom `@{localpart}:z.example` makes of it",
            "- `@b:y.example` gets the updates of `@b:x.example`",
            "all senders: everyone who matches `@b*:x.example`",
            "all recipients: of each sender, whom `@{localpart}:y.example` makes of it",
        ]
    );
}

/// Beyond what is told, rules and differences are counted, with those whom they are about.
#[test]
fn what_is_not_told_is_counted() {
    let all = |count: usize| (0..count).map(|n| format!("'@r{n}:x.example'"));
    let routes = |count: usize, more: &str| -> String {
        let routes = (0..count).map(|n| {
            format!("- {{senders: '@s:x.example', recipients: ['@r{n}:x.example', '@t{n}:x.example'{more}]}}\n")
        });
        format!(
            "derive_interests: false\nroutes:\n{}",
            routes.collect::<String>()
        )
    };
    let told_of_rules = told("derive_interests: false\n", &routes(53, ""));
    assert_eq!(
        told_of_rules.last().map(String::as_str),
        Some(
            "and 3 more rules do what only the new rules do; their recipients: `@r50:x.example` and 5 others"
        )
    );
    // Each recipient loses another sender.
    let names: Vec<_> = all(12).collect();
    let rules = |blocks: &str| {
        format!(
            "{{routes: [{{senders: {{server: x.example}}, recipients: [{}]}}], blocks: [{blocks}], derive_interests: false}}",
            names.join(", ")
        )
    };
    let blocks: Vec<_> = (0..12)
        .map(|n| format!("{{senders: '@s{n}:x.example', recipients: '@r{n}:x.example'}}"))
        .collect();
    let of_one_rule = told(&rules(""), &rules(&blocks.join(", ")));
    assert_eq!(
        of_one_rule.last().map(String::as_str),
        Some(
            "and 4 more differences of this rule, whose recipients are `@r10:x.example`, `@r11:x.example`, `@r8:x.example` and `@r9:x.example`"
        ),
        "{of_one_rule:#?}"
    );
}
