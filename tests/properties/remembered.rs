//! What is remembered about senders, when there are more than are remembered, and when many threads ask.

use std::fmt::Write as _;
use std::thread;

use presence_router::router::{Answers, Router, Routing, Scratch, Senders};
use presence_router::rules;
use presence_router::source::Sources;
use presence_router::user_id::UserId;

/// More than are remembered.
const SENDERS: u32 = 280_000;
const THREADS: usize = 8;

/// Patterns of each kind, many of a kind, so that they are looked up by all ways that there are.
fn router() -> Router {
    let mut text = String::from("routes:\n");
    for number in 0..200 {
        let senders = match number % 6 {
            0 => format!("'@user{number}:s{}.example'", number % 7),
            1 => format!("{{server: s{number}.example}}"),
            2 => format!("'@user{number}*:s{}.example'", number % 7),
            3 => format!("{{server: '*.d{}.example'}}", number % 5),
            4 => format!("{{regex: '@[a-z]+{number}[0-9]*:s[0-7]\\.example'}}"),
            _ => format!("'@*{number}:*'"),
        };
        let _ = writeln!(
            text,
            "- {{senders: {senders}, recipients: '@r{}:here.example', when: {{currently_active: {}}}}}",
            number % 20,
            number % 3 > 0
        );
    }
    let _ = writeln!(
        text,
        "- {{senders: {{server: s1.example}}, recipients: {{template: '@{{localpart}}:here.example'}}}}"
    );
    let mut sources = Sources::default();
    sources.add("rules.yaml", text);
    let (rule_set, findings) = rules::read(&sources);
    assert!(findings.is_empty(), "{findings:?}");
    Router::new(&rule_set, &sources, None).expect("rules without errors")
}

fn sender(number: u32) -> String {
    match number % 3 {
        0 => format!("@user{number}:s{}.example", number % 9),
        1 => format!("@x{number}:a.d{}.example", number % 6),
        _ => format!("@user{}:s{number}.example", number % 500),
    }
}

/// Whom an update reaches when nothing is remembered.
fn plain(routing: Routing<'_>, sender: &str, scratch: &mut Scratch) -> Vec<String> {
    scratch.forget_made_users();
    let id = UserId::parse(sender).expect("a user ID");
    let users = routing.route(id, "online", Some(true), scratch, &mut ());
    let users = users.to_vec();
    let names = users
        .iter()
        .map(|user| routing.router().user(*user, scratch));
    names.map(str::to_owned).collect()
}

fn answered(answers: &mut Answers<'_>, sender: &str) -> Vec<String> {
    let class = answers.class(sender).expect("a user ID");
    let id = answers.route(class, sender, "online", Some(true));
    let users = answers.answer(id).users.iter();
    users.map(|user| answers.name(*user).to_owned()).collect()
}

#[test]
fn who_was_forgotten_is_found_again() {
    let router = router();
    let routing = router.routing().expect("no patterns among the recipients");
    let (mut answers, mut scratch) = (Answers::new(routing), Scratch::default());
    let mut trims = 0;
    for number in 0..SENDERS {
        trims += u32::from(number % 100 == 0 && answers.trim());
        let sender = sender(number);
        let found = answered(&mut answers, &sender);
        // To ask twice takes most of the time.
        if number % 37 == 0 || number + 2000 > SENDERS {
            assert_eq!(found, plain(routing, &sender, &mut scratch), "{sender}");
            assert_eq!(found, answered(&mut answers, &sender), "{sender}");
        }
    }
    assert_eq!(trims, 1);
    let first = sender(0);
    assert_eq!(
        answered(&mut answers, &first),
        plain(routing, &first, &mut scratch)
    );
}

#[test]
fn many_senders_at_once_are_those_one_by_one() {
    let router = router();
    let routing = router.routing().expect("no patterns among the recipients");
    let (mut senders, mut scratch) = (Senders::new(&router), Scratch::default());
    let all: Vec<_> = (0..300).map(sender).collect();
    for sender in all.iter().step_by(3) {
        let class = senders.class(sender, routing, &mut scratch);
        class.expect("a user ID");
    }
    let unknown = ["", "@", "x", all[0].trim_start_matches('@')];
    let mut asked: Vec<_> = all.iter().map(String::as_str).collect();
    asked.extend(unknown);
    asked.extend_from_within(..70);
    let mut classes = Vec::new();
    senders.remembered_all(&asked, |class| classes.push(class));
    let one_by_one: Vec<_> = asked
        .iter()
        .map(|sender| senders.remembered(sender))
        .collect();
    assert_eq!(classes, one_by_one);
    assert_eq!(classes.iter().flatten().count(), 100 + 24);
}

#[test]
fn senders_remembered_in_advance_push_nobody_out() {
    let router = router();
    let routing = router.routing().expect("no patterns among the recipients");
    let (mut senders, mut scratch) = (Senders::new(&router), Scratch::default());
    let mut in_advance = 0;
    while senders.have_room() {
        let class = senders.class(&sender(in_advance), routing, &mut scratch);
        class.expect("a user ID");
        in_advance += 1;
    }
    assert_eq!(in_advance, 1 << 17);
    for number in in_advance..2 * in_advance - 1 {
        assert!(!senders.trim(), "{number}");
        let class = senders.class(&sender(number), routing, &mut scratch);
        class.expect("a user ID");
    }
    assert!(senders.remembered(&sender(0)).is_some());
}

#[test]
fn threads_do_not_disturb_each_other() {
    let router = router();
    let routing = router.routing().expect("no patterns among the recipients");
    let all: Vec<_> = (0..2_000).map(sender).collect();
    // None is prepared: what is compiled when it is first needed is needed by all at once.
    let ask = |offset: usize| {
        let (mut answers, mut scratch) = (Answers::new(routing), Scratch::default());
        let order = (0..all.len()).map(|at| (at + offset) % all.len());
        let mut found = vec![Vec::new(); all.len()];
        for at in order {
            found[at] = plain(routing, &all[at], &mut scratch);
            assert_eq!(found[at], answered(&mut answers, &all[at]));
        }
        found
    };
    let found = thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|number| scope.spawn(move || ask(number * 250)))
            .collect();
        let found = threads.into_iter().map(thread::ScopedJoinHandle::join);
        found
            .collect::<Result<Vec<_>, _>>()
            .expect("no thread panics")
    });
    let alone = ask(0);
    assert!(alone.iter().filter(|users| !users.is_empty()).count() > 500);
    assert!(found.iter().all(|found| *found == alone));
}
