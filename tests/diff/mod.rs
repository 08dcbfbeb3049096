//! `diff`: what is equivalent is proven so, and what is not is found.

mod command;
mod excluded;
mod fixes;
mod lints;
mod near;
mod overlapping;
mod property;
pub mod random;
mod reach;
mod told;
mod undecided;

use presence_router::automata::Budget;
use presence_router::diff::{Comparison, Question, Verdict, Written, compare};
use presence_router::proofs::Roles;
use presence_router::rules;
use presence_router::source::Sources;

/// Compares rules; each text is a file.
fn compared(old: &[&str], new: &[&str]) -> Comparison {
    let read = |texts: &[&str]| {
        let mut sources = Sources::default();
        for (index, text) in texts.iter().enumerate() {
            sources.add(format!("{index}.yaml"), *text);
        }
        let (rule_set, findings) = rules::read(&sources);
        assert!(findings.is_empty(), "{findings:?}");
        (sources, rule_set)
    };
    let (old, new) = (read(old), read(new));
    let [old, new] = [&old, &new].map(|(sources, rule_set)| Written { rule_set, sources });
    compare(old, new, Budget::default()).expect("proof and router agree")
}

fn verdict(old: &str, new: &str) -> Verdict {
    let comparison = compared(&[old], &[new]);
    assert_eq!(comparison.undecided, [], "{old} and {new}");
    comparison.verdict()
}

/// The pairs of each difference, by who has it.
fn pairs(comparison: &Comparison) -> Vec<String> {
    (comparison.differences.iter())
        .map(|difference| {
            let sender = difference.sender.as_deref().unwrap_or("ALL");
            format!("{:?} {sender} {}", difference.only_in, difference.recipient)
        })
        .collect()
}

#[test]
fn other_words_for_the_same_rules() {
    let one = "routes: [{senders: {server: a.example}, recipients: '@r:a.example'}, {senders: '@x:b.example', recipients: '@r:a.example'}]";
    for (old, new) in [
        // Reordered.
        (
            one,
            "routes: [{senders: '@x:b.example', recipients: '@r:a.example'}, {senders: {server: a.example}, recipients: '@r:a.example'}]",
        ),
        // Regrouped, and merged.
        (
            one,
            "{groups: {g: ['@x:b.example', {server: a.example}]}, routes: [{senders: {group: g}, recipients: '@r:a.example'}]}",
        ),
        // As a glob, and as a regular expression.
        (
            one,
            r"routes: [{senders: ['@*:a.example', '@x:b.example'], recipients: ['@r:a.example']}]",
        ),
        (
            one,
            r"routes: [{senders: ['@x:b.example', {regex: '@[^:]*:a\.example|@x:b\.example'}], recipients: '@r:a.example'}]",
        ),
        // What is taken away was not there.
        (
            one,
            r"routes: [{senders: {include: ['@*:a.example', '@x:b.example'], exclude: '@*:c.example'}, recipients: '@r:a.example'}]",
        ),
        // All states, one by one, are not all there are; but these two are the same two.
        (
            "routes: [{senders: all, recipients: '@r:a.example', when: {state: [online, offline]}}]",
            "routes: [{senders: all, recipients: '@r:a.example', when: {state: offline}}, {senders: all, recipients: '@r:a.example', when: {state: online}}]",
        ),
        // Two names of one state.
        (
            "routes: [{senders: all, recipients: '@r:a.example', when: {state: [busy, offline]}}]",
            "routes: [{senders: all, recipients: '@r:a.example', when: {state: [offline, org.matrix.msc3026.busy, busy]}}]",
        ),
        // A block on the whole, or on its parts.
        (
            "{routes: [{senders: all, recipients: '@r:a.example'}], blocks: [{senders: {server: '*.example'}, recipients: {server: a.example}}], derive_interests: false}",
            "{routes: [{senders: all, recipients: '@r:a.example'}], blocks: [{senders: {glob: '@*:*.example'}, recipients: '@r:a.example'}], derive_interests: false}",
        ),
        (
            "{routes: [{senders: {server: a.example}, recipients: '@r:a.example'}], blocks: [{senders: '@bot-*:*'}]}",
            "routes: [{senders: {include: {server: a.example}, exclude: '@bot-*:a.example'}, recipients: '@r:a.example'}]",
        ),
        // Templates.
        (
            "routes: [{senders: {server: a.example}, recipients: {template: '@{localpart}:b.example'}}]",
            "routes: [{senders: '@*:a.example', recipients: [{template: '@{localpart}:b.example'}]}]",
        ),
        // Words for everyone.
        (
            "interests: [{users: '@r:a.example', in: all}]",
            "{groups: {everyone: [all]}, interests: [{users: '@r:a.example', in: {group: everyone}}]}",
        ),
    ] {
        assert_eq!(verdict(old, new), Verdict::Equivalent, "{old} and {new}");
        assert_eq!(verdict(new, old), Verdict::Equivalent, "{new} and {old}");
    }
    let two = [
        "routes: [{senders: {server: a.example}, recipients: '@r:a.example'}]",
        "routes: [{senders: '@x:b.example', recipients: '@r:a.example'}]",
    ];
    assert_eq!(compared(&two, &[one]).verdict(), Verdict::Equivalent);
}

/// `8448` may be a server name, and the port of any.
#[test]
fn a_number_may_be_a_port() {
    let rules = |senders: &str| format!("routes: [{{senders: {senders}, recipients: '@r:x'}}]");
    let all = rules("{glob: '@*:8448'}");
    for some in ["{glob: '@b*:8448'}", "{server: '8448'}"] {
        assert_eq!(verdict(&rules(some), &all), Verdict::Wider, "{some}");
        assert_eq!(verdict(&all, &rules(some)), Verdict::Narrower, "{some}");
    }
}

#[test]
fn one_word_too_many() {
    for (old, new, found) in [
        // A dot that is any character.
        (
            r"routes: [{senders: {regex: '@[^:]*:a\.example'}, recipients: '@r:a.example'}]",
            r"routes: [{senders: {regex: '@[^:]*:a.example'}, recipients: '@r:a.example'}]",
            &["New @a:aaexample @r:a.example"][..],
        ),
        // A line break may stand in a localpart, and `.` does not take it.
        (
            r"routes: [{senders: {regex: '@.*:a\.example'}, recipients: '@r:a.example'}]",
            r"routes: [{senders: {server: a.example}, recipients: '@r:a.example'}]",
            &["New @\n:a.example @r:a.example"],
        ),
        // A named recipient gets updates even if nobody knows it.
        (
            "routes: [{senders: '@s:a.example', recipients: ['@*:a.example']}]",
            "routes: [{senders: '@s:a.example', recipients: ['@*:a.example', '@r:a.example']}]",
            &["New @s:a.example @r:a.example"],
        ),
        // A word is not what it stands for.
        (
            "interests: [{users: '@r:a.example', in: {glob: '*'}}]",
            "interests: [{users: '@r:a.example', in: all}]",
            &["New ALL @r:a.example"],
        ),
    ] {
        let comparison = compared(&[old], &[new]);
        let routes_only: Vec<_> = pairs(&comparison).into_iter().take(1).collect();
        assert_eq!(routes_only, found, "{old} and {new}");
        assert_eq!(comparison.verdict(), Verdict::Wider, "{old} and {new}");
        assert_eq!(compared(&[new], &[old]).verdict(), Verdict::Narrower);
    }
}

#[test]
fn activity_is_a_condition_like_any() {
    let rules = |when: &str| {
        format!(
            "routes: [{{senders: '@s:a.example', recipients: '@r:a.example', when: {{{when}}}}}]"
        )
    };
    assert_eq!(
        verdict(
            &rules("currently_active: true"),
            &rules("currently_active: false")
        ),
        Verdict::Both
    );
    assert_eq!(
        verdict(&rules("currently_active: true"), &rules("")),
        Verdict::Wider
    );
    let both = "routes: [{senders: '@s:a.example', recipients: '@r:a.example', when: {currently_active: true}}, {senders: '@s:a.example', recipients: '@r:a.example', when: {currently_active: false}}]";
    // An update need not say anything of it.
    assert_eq!(verdict(both, &rules("")), Verdict::Wider);
}

#[test]
fn all_senders_of_a_difference_are_described() {
    let described = |old: &str, new: &str| {
        let rules = |senders: &str| {
            format!(
                "{{routes: [{{senders: {senders}, recipients: '@r:z.example'}}], derive_interests: false}}"
            )
        };
        compared(&[&rules(old)], &[&rules(new)]).differences[0]
            .senders
            .clone()
    };
    let of = |text: &str| Some(text.to_owned());
    assert_eq!(
        described("'@a:b.example'", "['@a:b.example', {server: c.example}]"),
        of("every user of `c.example`")
    );
    assert_eq!(
        described(
            "'@a:b.example'",
            "['@a:b.example', {include: {server: '*.corp.example'}, exclude: ['@bot-*:*', '@x:y.example']}]"
        ),
        of("every user of `*.corp.example` but `@bot-*:*`")
    );
    // A template elsewhere that makes somebody else has no part in it.
    let elsewhere =
        "{server: o.example}, recipients: {template: '@{localpart}:n.example'}}, {senders: ";
    assert_eq!(
        described(
            &format!("{elsewhere}'@a:b.example'"),
            &format!("{elsewhere}{{server: c.example}}")
        ),
        of("every user of `c.example`")
    );
    assert_eq!(
        described(
            "{server: c.example}",
            "{include: {server: c.example}, exclude: '@bot-*:c.example'}"
        ),
        of("everyone who matches `@bot-*:c.example`")
    );
}

/// An exact ID counts even if nobody knows the user, and so does the sender that a template leads back to.
#[test]
fn templates_hide_nothing_of_unknown_senders() {
    let route = "routes:\n- {senders: \"@a:x.example\", recipients: {template: \"@{localpart}:y.example\"}}\n";
    let named =
        format!("{route}interests:\n- {{users: {{server: z.example}}, in: \"@a:x.example\"}}\n");
    let pattern = format!(
        "{route}interests:\n- {{users: {{server: z.example}}, in: {{server: x.example}}}}\n"
    );
    assert_eq!(verdict(&named, &pattern), Verdict::Both);
    assert_eq!(verdict(&named, &named), Verdict::Equivalent);

    // With one server of all senders, a template leads back to an unknown one. With two, known ones are searched.
    let one = "routes:\n- {senders: {server: x.example}, recipients: {template: \"@{localpart}:y.example\"}}\n";
    let two = "routes:\n- {senders: [{server: x.example}, {server: w.example}], recipients: {template: \"@{localpart}:y.example\"}}\n";
    let split = "routes:\n- {senders: {server: x.example}, recipients: {template: \"@{localpart}:y.example\"}}\n\
                 - {senders: {server: w.example}, recipients: {template: \"@{localpart}:y.example\"}}\n";
    assert_eq!(verdict(one, split), Verdict::Wider);
    assert_eq!(verdict(two, split), Verdict::Wider);
    assert_eq!(verdict(split, two), Verdict::Narrower);
    // Unknown users of the first server are seen by the old rules alone.
    assert_eq!(verdict(one, two), Verdict::Both);
}

/// A recipient who is only seen gets what one who is not known gets, but is seen by whoever sees known users.
#[test]
fn a_user_who_is_only_seen_is_a_witness() {
    let route = "routes:\n- {senders: '@u:x.example', recipients: {regex: '@u:x\\.example'}}\n";
    let by_interest = format!(
        "derive_interests: false\n{route}interests:\n- {{users: '@u:x.example', in: '@*:x.example'}}\n"
    );
    let by_route = format!(
        "{route}interests:\n- {{users: '@u:x.example', in: {{include: '@*:x.example', exclude: '@u:x.example'}}}}\n"
    );
    assert_eq!(verdict(&by_interest, &by_route), Verdict::Narrower);
    let comparison = compared(&[&by_interest], &[&by_route]);
    let [difference] = comparison.differences.as_slice() else {
        panic!("{comparison:?}");
    };
    let of_itself = ("@u:x.example", Some("@u:x.example"));
    let (recipient, sender) = (&*difference.recipient, difference.sender.as_deref());
    assert_eq!((recipient, sender), of_itself);
    let roles = Roles {
        recipient_receives: false,
        sender_is_known: true,
    };
    assert_eq!(difference.question, Question::Interested { roles });
}
