//! Which test files are about the same rules.

use presence_router::rule_tests::{self, Instead};
use presence_router::source::Sources;

use super::{PASSES, setup};

/// Test files of several folders may be about the same rules, which are loaded once for all of them.
#[test]
fn the_same_rules_are_loaded_once() {
    let setup = setup(PASSES);
    setup.write("more.txt", "@zoe:corp.example\n");
    let mut sources = Sources::default();
    for (folder, known_users) in [
        ("tests/one", "../../more.txt"),
        ("tests/two", "../../more.txt"),
        ("tests/two/deep", "../../../more.txt"),
    ] {
        setup.write(&format!("{folder}/x.test.yaml"), "");
        let name = setup.folder.path().join(folder).join("x.test.yaml");
        let above = known_users.strip_suffix("more.txt").expect("a path to it");
        let text = format!("rules: {above}rules\nknown_users: {known_users}\ncases: []\n");
        sources.add(name.display().to_string(), text);
    }
    let (mut files, mut findings) = rule_tests::read(&sources);
    let suites = rule_tests::suites(&mut files, &mut sources, &Instead::default(), &mut findings);
    let suites = suites.expect("rules that can be read");
    assert_eq!(findings, []);
    assert_eq!(suites.len(), 1);
    assert_eq!(suites[0].files, [0, 1, 2]);
}
