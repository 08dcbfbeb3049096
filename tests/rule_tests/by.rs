//! Random rule sets: `by` agrees with the routes that the router says have sent an update.

use presence_router::rules;
use presence_router::source::Sources;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::cli::Setup;
use crate::compiled::Compiled;
use crate::plain::Update;
use crate::properties::random::{self, Known};

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn a_route_decides_if_it_sends(mut files in random::files(), users in random::known_users()) {
        let setup = Setup::new("");
        std::fs::remove_file(setup.folder.path().join("rules/rules.yaml")).expect("a file");
        let mut sources = Sources::default();
        let mut names = Vec::new();
        for (index, rules) in files.iter_mut().enumerate() {
            let routes = rules.get_mut("routes").and_then(Value::as_array_mut);
            for (number, route) in routes.into_iter().flatten().enumerate() {
                let name = format!("route-{index}-{number}");
                route["name"] = json!(name);
                names.push(name);
            }
            setup.write(&format!("rules/{index}.yaml"), rules.to_string());
            sources.add(format!("{index}.yaml"), rules.to_string());
        }
        let (rule_set, _) = rules::read(&sources);
        let known_users = random::from_file(&users);
        let entries: Vec<_> = users.iter().map(Known::entry).collect();
        setup.write("users.json", json!(entries).to_string());
        let router = Compiled::new(&sources, &rule_set, Some(&known_users));
        let (mut cases, mut expected) = (Vec::new(), Vec::new());
        for sender in random::everybody() {
            let routed = router.route(&Update {
                sender: sender.clone(),
                state: "online".into(),
                currently_active: None,
            });
            for name in &names {
                cases.push(json!({"update": sender, "by": name}));
                expected.push(if routed.routes.contains(name) { "passed" } else { "failed" });
            }
        }
        prop_assume!(!cases.is_empty());
        let text = json!({"rules": "rules", "known_users": "users.json", "cases": cases});
        setup.write("x.test.yaml", text.to_string());
        let ran = setup.run(&["test", "x.test.yaml", "--format", "json"], "");
        let result: Value = serde_json::from_str(&ran.out).expect("JSON");
        for ((case, ran), expected) in cases.iter().zip(result["cases"].as_array().expect("cases")).zip(expected) {
            prop_assert_eq!(&ran["status"], expected, "{}", case);
        }
    }
}
