//! Memory is asked for when something new is to be remembered, and not for each update.

use allocation_counter::measure;
use presence_router::output::by_update;
use presence_router::router::{Answers, ClassId, Router};
use presence_router::rules;
use presence_router::source::Sources;
use presence_router::update::{Cutter, Fault, Item, Listener, Place, Update};
use presence_router::user_id::UserIdError;

const RULES: &str = "
routes:
- {senders: '@grace:corp.example', recipients: '@lobby:corp.example'}
- {senders: '@bot-*:corp.example', recipients: '@lobby:corp.example'}
- {senders: {regex: '@x[0-9]+:corp\\.example'}, recipients: '@lobby:corp.example'}
- {senders: {server: '*.west.example'}, recipients: '@lobby:corp.example', when: {state: online}}
";

/// Writes the line of each update.
struct Lines<'r> {
    answers: Answers<'r>,
    out: Vec<u8>,
    updates: usize,
}

impl<'a> Listener<'a> for Lines<'_> {
    type Sender = ClassId;

    fn sender(&mut self, sender: &str) -> Result<ClassId, UserIdError> {
        self.answers.class(sender)
    }

    fn update(&mut self, update: Update<'a>, class: ClassId) {
        let active = update.currently_active;
        let answer = (self.answers).route(class, update.sender().as_str(), &update.state, active);
        assert!(self.answers.answer(answer).users.is_empty());
        by_update::line(update.json, false, b",\"recipients\":[]}\n", &mut self.out);
        self.updates += 1;
    }

    fn fault(&mut self, fault: Fault<'a>) {
        panic!("{}", fault.message);
    }
}

#[test]
fn updates_that_match_no_rule_allocate_nothing() {
    let mut sources = Sources::default();
    sources.add("rules.yaml", RULES);
    let (rule_set, findings) = rules::read(&sources);
    assert!(findings.is_empty(), "{findings:?}");
    let router = Router::new(&rule_set, &sources, None).expect("rules without errors");
    let mut lines = Lines {
        answers: Answers::new(router.routing().expect("no patterns among the recipients")),
        out: Vec::with_capacity(1024 * 1024),
        updates: 0,
    };
    // Among them are some whose servers and names are like those of rules.
    let input: String = (0..100)
        .map(|number| {
            let server = ["corp.example", "a.west.example", "elsewhere.example"][number % 3];
            let user = format!("@nobody-{number}:{server}");
            match number % 2 {
                0 => format!("{{\"user_id\":\"{user}\",\"state\":\"away\",\"currently_active\":true}}\n"),
                _ => format!(
                    "{{\"type\": \"m.presence\", \"sender\": \"{user}\", \"content\": {{\"presence\": \"away\"}}}}\n"
                ),
            }
        })
        .collect();
    let mut cutter = Cutter::new(1024, Place::START);
    let mut pass = |lines: &mut Lines<'_>| {
        while let Some(item) = cutter.next(input.as_bytes(), false) {
            let Item::Record(record) = item else {
                panic!("a record");
            };
            record.tell(lines);
        }
        assert_eq!(cutter.forget(input.as_bytes()), input.len());
    };
    // The senders, their answers and the shapes of records are remembered in the first passes.
    pass(&mut lines);
    pass(&mut lines);
    let allocated = measure(|| pass(&mut lines));
    assert_eq!(lines.updates, 300);
    assert_eq!(allocated.count_total, 0);
}
