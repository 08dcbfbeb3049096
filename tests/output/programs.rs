//! What other programs read: JSON, GitHub's workflow commands, `JUnit`.

use presence_router::output::findings::{github, json, junit, step_summary};

use super::Found;

#[test]
fn json_has_every_place_and_a_summary() {
    let written = Found::new().written(json);
    let value: serde_json::Value = serde_json::from_str(&written).expect("JSON");
    let lines: Vec<_> = (value["findings"].as_array().expect("a list").iter())
        .map(|finding| format!("{finding}\n"))
        .collect();
    assert_eq!(
        lines.concat(),
        r#"{"code":"no-rules","end":null,"file":"rules/a b.yaml","help":"add one","labels":[],"message":"there is no rule","severity":"error","start":null}
{"code":"invalid-glob","end":{"byte":54,"column":42,"line":2},"file":"rules/a b.yaml","help":"close it with `]`","labels":[],"message":"never closed","severity":"error","start":{"byte":42,"column":30,"line":2}}
{"code":"duplicate-group","end":{"byte":82,"column":13,"line":4},"file":"rules/a b.yaml","help":null,"labels":[{"end":{"byte":64,"column":8,"line":3},"file":"rules/a b.yaml","message":"first written here","start":{"byte":59,"column":3,"line":3}},{"end":{"byte":6,"column":7,"line":1},"file":"rules/b.yaml","message":"something else\nis here","start":{"byte":0,"column":1,"line":1}},{"end":null,"file":"rules/good.yaml","message":"and in this file","start":null}],"message":"`twice` is here twice","severity":"error","start":{"byte":72,"column":3,"line":4}}
{"code":"invalid-user-id","end":{"byte":24,"column":17,"line":2},"file":"rules/b.yaml","help":null,"labels":[],"message":"`bo\u001bb`, \"no\" | <user> 100%","severity":"error","start":{"byte":20,"column":13,"line":2}}
{"code":"subsumed-pattern","end":{"byte":2903,"column":2872,"line":3},"file":"rules/b.yaml","help":null,"labels":[{"end":{"byte":2922,"column":2891,"line":3},"file":"rules/b.yaml","message":"because of this","start":{"byte":2917,"column":2886,"line":3}},{"end":{"byte":5746,"column":5715,"line":3},"file":"rules/b.yaml","message":"and of this","start":{"byte":5729,"column":5698,"line":3}}],"message":"`@u250` is needless","severity":"warning","start":{"byte":2898,"column":2867,"line":3}}
{"code":"needs-known-users","end":{"byte":5771,"column":17,"line":5},"file":"rules/b.yaml","help":null,"labels":[],"message":"no known users","severity":"note","start":{"byte":5749,"column":3,"line":4}}
"#
    );
    let summary = r#""summary":{"errors":4,"warnings":1,"notes":1,"files":3}}"#;
    assert!(written.starts_with(
        "{\"version\":1,\"findings\":[{\"code\":\"no-rules\",\"severity\":\"error\","
    ));
    assert!(written.ends_with(&format!("],{summary}\n")), "{written}");
}

#[test]
fn github_marks_the_lines() {
    assert_eq!(
        Found::new().written(github),
        r#"::error file=rules/a b.yaml,title=no-rules::there is no rule%0Aadd one
::error file=rules/a b.yaml,line=2,col=30,endLine=2,endColumn=42,title=invalid-glob::never closed%0Aclose it with `]`
::error file=rules/a b.yaml,line=4,col=3,endLine=4,endColumn=13,title=duplicate-group::`twice` is here twice%0Afirst written here at rules/a b.yaml:3:3%0Asomething else%0Ais here at rules/b.yaml:1:1%0Aand in this file at rules/good.yaml:1:1
::error file=rules/b.yaml,line=2,col=13,endLine=2,endColumn=17,title=invalid-user-id::`bo␛b`, "no" | <user> 100%25
::warning file=rules/b.yaml,line=3,col=2867,endLine=3,endColumn=2872,title=subsumed-pattern::`@u250` is needless%0Abecause of this at rules/b.yaml:3:2886%0Aand of this at rules/b.yaml:3:5698
::notice file=rules/b.yaml,line=4,endLine=5,title=needs-known-users::no known users
"#
    );
}

#[test]
fn github_shows_a_table_of_the_step() {
    assert_eq!(
        Found::new().written(step_summary),
        r#"### Presence rules: 4 errors, 1 warning and 1 note in 3 files

| severity | code | place | finding |
|---|---|---|---|
| error | `no-rules` | rules/a b.yaml | there is no rule<br>add one |
| error | `invalid-glob` | rules/a b.yaml:2:30 | never closed<br>close it with <code>&#93;</code> |
| error | `duplicate-group` | rules/a b.yaml:4:3 | <code>twice</code> is here twice<br>first written here at rules/a b.yaml:3:3<br>something else<br>is here at rules/b.yaml:1:1<br>and in this file at rules/good.yaml:1:1 |
| error | `invalid-user-id` | rules/b.yaml:2:13 | <code>bo␛b</code>, "no" &#124; &#60;user&#62; 100% |
| warning | `subsumed-pattern` | rules/b.yaml:3:2867 | <code>&#64;u250</code> is needless<br>because of this at rules/b.yaml:3:2886<br>and of this at rules/b.yaml:3:5698 |
| note | `needs-known-users` | rules/b.yaml:4:3 | no known users |

"#
    );
}

#[test]
fn junit_has_a_suite_for_each_file() {
    assert_eq!(
        Found::new().written(junit),
        r#"<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="presence-router check" tests="5" failures="4" errors="0">
  <testsuite name="rules/a b.yaml" tests="3" failures="3" errors="0" skipped="0">
    <testcase name="no-rules" classname="rules/a b.yaml">
      <failure type="no-rules" message="there is no rule">rules/a b.yaml: error[no-rules]: there is no rule
help: add one</failure>
    </testcase>
    <testcase name="invalid-glob at 2:30" classname="rules/a b.yaml">
      <failure type="invalid-glob" message="never closed">rules/a b.yaml:2:30: error[invalid-glob]: never closed
help: close it with `]`</failure>
    </testcase>
    <testcase name="duplicate-group at 4:3" classname="rules/a b.yaml">
      <failure type="duplicate-group" message="`twice` is here twice">rules/a b.yaml:4:3: error[duplicate-group]: `twice` is here twice
first written here at rules/a b.yaml:3:3
something else
is here at rules/b.yaml:1:1
and in this file at rules/good.yaml:1:1</failure>
    </testcase>
  </testsuite>
  <testsuite name="rules/b.yaml" tests="1" failures="1" errors="0" skipped="0">
    <testcase name="invalid-user-id at 2:13" classname="rules/b.yaml">
      <failure type="invalid-user-id" message="`bo␛b`, &quot;no&quot; | &lt;user&gt; 100%">rules/b.yaml:2:13: error[invalid-user-id]: `bo␛b`, &quot;no&quot; | &lt;user&gt; 100%</failure>
    </testcase>
    <system-out>rules/b.yaml:3:2867: warning[subsumed-pattern]: `@u250` is needless
because of this at rules/b.yaml:3:2886
and of this at rules/b.yaml:3:5698
rules/b.yaml:4:3: note[needs-known-users]: no known users</system-out>
  </testsuite>
  <testsuite name="rules/good.yaml" tests="1" failures="0" errors="0" skipped="0">
    <testcase name="check" classname="rules/good.yaml"/>
  </testsuite>
</testsuites>
"#
    );
}

/// What can be written by a program is told as edits.
#[test]
fn remedies_are_edits() {
    use serde_json::Value;

    use crate::cli::Setup;

    let rules =
        "routes: [{senders: ['@a:x.example', '@a:x.example'], recipients: '@r:x.example'}]\n";
    let setup = Setup::new(rules);
    let parsed = |format| -> Value {
        let out = setup.run(&["check", "--format", format], "").out;
        serde_json::from_str(&out).expect("JSON")
    };
    let json = parsed("json");
    let fix = &json["findings"][0]["fix"];
    assert_eq!(fix["effect"], "same");
    let edit = &fix["edits"][0];
    let byte = |end: &str| edit[end]["byte"].as_u64().expect("a byte") as usize;
    let mut fixed = rules.to_owned();
    fixed.replace_range(
        byte("start")..byte("end"),
        edit["text"].as_str().expect("a text"),
    );
    let sarif = parsed("sarif");
    let result = &sarif["runs"][0]["results"][0];
    let replaced = &result["fixes"][0]["artifactChanges"][0];
    assert_eq!(replaced["artifactLocation"]["uri"], "rules/rules.yaml");
    let replacement = &replaced["replacements"][0];
    assert_eq!(replacement["insertedContent"]["text"], edit["text"]);
    assert_eq!(
        replacement["deletedRegion"]["byteOffset"],
        edit["start"]["byte"]
    );
    setup.write("rules/rules.yaml", fixed);
    let checked = setup.run(&["check", "--format", "concise"], "");
    assert_eq!((checked.out.as_str(), checked.code), ("", 0));
}
