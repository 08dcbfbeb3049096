//! Faulty rule sets: what can be said of the rest is said in the same run, and nothing that only follows from a fault.

use crate::cli::Setup;

fn concise(setup: &Setup) -> String {
    let arguments = ["check", "--format", "concise", "-A", "remote-recipient"];
    setup.run(&arguments, "").out
}

/// The codes of findings, each with its place.
fn codes(out: &str) -> Vec<String> {
    let code = |line: &str| {
        let (place, rest) = line.split_once(": ").expect("a place");
        let code = rest.split(['[', ']']).nth(1).expect("a code");
        format!("{place} {code}")
    };
    out.lines().map(code).collect()
}

const WARNED: &str = "\
groups:
  dead: ['*@x.example', '@a:x.example']
routes:
- {name: first, senders: ['@b*:x.example', '@c*:x.example', {regex: '@[bc]z+:x[.]example'}], recipients: '@r:x.example'}
- {name: again, senders: '@bcc*:x.example', recipients: '@r:x.example'}
- {name: left-out, senders: {include: {server: x.example}, exclude: '@z:y.example'}, recipients: '@s:x.example', when: {state: [online]}}
- {name: blocked, senders: {group: dead}, recipients: '@t:x.example'}
blocks:
- {senders: '@a:x.example', recipients: '@t:x.example'}
";

/// What holds of rules that could be read, whatever the others say.
const FOUND: [&str; 6] = [
    "rules/a.yaml:2:10 dead-pattern",
    "rules/a.yaml:4:61 shadowed-pattern",
    "rules/a.yaml:5:3 shadowed-rule",
    "rules/a.yaml:6:69 needless-exclude",
    "rules/a.yaml:6:128 offline-not-routed",
    "rules/a.yaml:7:3 dead-rule",
];

#[test]
fn an_error_in_one_file_hides_no_warning_of_another() {
    let setup = Setup::new("version: 1\n");
    setup.write("rules/a.yaml", WARNED);
    let found = codes(&concise(&setup));
    for expected in FOUND {
        assert!(
            found.iter().any(|found| found == expected),
            "{expected}: {found:#?}"
        );
    }
    for (fault, code) in [
        (
            "routes: [{senders: bob, recipients: '@r:x.example'}]\n",
            "invalid-user-id",
        ),
        ("routes: [{senders: '@a:x.example\n", "yaml-syntax"),
        (
            "routes: [{senders: {group: gone}, recipients: '@r:x.example'}]\n",
            "unknown-group",
        ),
        ("known_users: gone.txt\nroutes: 5\n", "wrong-type"),
        (
            "server_name: x example\nroutes: []\n",
            "invalid-server-name",
        ),
        ("groups: {g: {group: h}, h: {group: g}}\n", "group-cycle"),
    ] {
        setup.write("rules/rules.yaml", fault);
        let found = codes(&concise(&setup));
        assert!(
            found.iter().any(|found| found.ends_with(code)),
            "{code}: {found:#?}"
        );
        for expected in FOUND {
            assert!(
                found.iter().any(|found| found == expected),
                "{code}, {expected}: {found:#?}"
            );
        }
    }
}

/// A proof about rules of which something could not be read might be wrong.
#[test]
fn nothing_is_proven_of_what_could_not_be_read() {
    let rules = "\
groups:
  whole: '@*:x.example'
  faulty: ['@*:x.example', bob]
routes:
- {senders: {include: {group: faulty}, exclude: '@z:y.example'}, recipients: '@r:x.example'}
- {senders: '@a:x.example', recipients: '@r:x.example', when: {state: 5}}
- {senders: '@a:x.example', recipients: '@r:x.example'}
- {senders: {include: '@a:y.example', exclude: bob}, recipients: '@s:x.example'}
- {senders: '@a:y.example', recipients: '@s:x.example'}
- {senders: {include: '@b:x.example', exclude: {group: whole}}, recipients: '@t:x.example'}
";
    let setup = Setup::new(rules);
    let found = codes(&concise(&setup));
    assert_eq!(
        found,
        [
            "rules/rules.yaml:3:28 invalid-user-id",
            "rules/rules.yaml:6:71 wrong-type",
            "rules/rules.yaml:8:48 invalid-user-id",
            // The last one could be read.
            "rules/rules.yaml:10:3 dead-rule",
        ]
    );
    // A fault that may be about a whole file leaves only what is true of single patterns.
    setup.write(
        "rules/rules.yaml",
        format!("derive_interest: false\n{WARNED}"),
    );
    let found = codes(&concise(&setup));
    assert_eq!(
        found,
        [
            "rules/rules.yaml:1:1 unknown-key",
            "rules/rules.yaml:3:10 dead-pattern",
            "rules/rules.yaml:7:128 offline-not-routed",
        ]
    );
}

/// What follows from a pattern that can match nobody is no finding of its own.
#[test]
fn a_dead_pattern_is_one_finding() {
    let rules = "\
server_name: x.example
known_users: ['@a:x.example', '@b:x.example', '@bot:x.example', '@q:x.example', '@r:x.example']
groups:
  staff: {regex: 'staff-.*'}
  all-staff: [{group: staff}]
routes:
- {name: one, senders: {group: staff}, recipients: {group: staff}}
- {name: two, senders: {server: x.example}, recipients: {group: all-staff}}
- {name: three, senders: {include: {group: staff}, exclude: '@bot:x.example'}, recipients: '@b:x.example'}
interests:
- {name: four, users: {group: staff}, in: all}
- {name: five, users: '@a:x.example', in: {group: all-staff}}
blocks:
- {name: six, senders: {group: staff}}
";
    let setup = Setup::new(rules);
    assert_eq!(
        concise(&setup),
        "rules/rules.yaml:4:10: warning[dead-pattern]: `{regex: 'staff-.*'}` matches no user ID there could be; a user ID \
         begins with `@`, and the pattern has to match all of it\n"
    );
    // Without it, each of these would have its own.
    setup.write(
        "rules/rules.yaml",
        rules.replace("'staff-.*'", "'@staff-.*:x\\.example'"),
    );
    let found = codes(&concise(&setup));
    assert!(found.len() > 1, "{found:#?}");
    // A rule that does nothing for another reason is still told of.
    let other = "- {name: seven, senders: {include: '@q:x.example', exclude: {server: x.example}}, recipients: '@r:x.example'}\n";
    setup.write(
        "rules/rules.yaml",
        rules.replace("interests:\n", &format!("{other}interests:\n")),
    );
    let found = codes(&concise(&setup));
    assert_eq!(
        found,
        [
            "rules/rules.yaml:4:10 dead-pattern",
            "rules/rules.yaml:10:3 dead-rule"
        ]
    );
}

/// A group that a broken file may define is not unknown; a name that stands nowhere in it is.
#[test]
fn a_broken_file_makes_no_group_unknown() {
    let rules =
        "routes:\n- {senders: [{group: staff}, {group: stuff}], recipients: '@r:x.example'}\n";
    let setup = Setup::new(rules);
    setup.write("rules/a.yaml", "groups:\n  staff: '@a:x.example\n");
    assert_eq!(
        codes(&concise(&setup)),
        [
            "rules/a.yaml:2:10 yaml-syntax",
            "rules/rules.yaml:2:38 unknown-group"
        ]
    );
}
