//! SARIF, which the standard's own schema judges.

use presence_router::finding::{Code, Finding, Location};
use presence_router::output::findings::{Report, sarif};
use presence_router::source::Sources;
use serde_json::Value;

use super::Found;

/// The schema of SARIF 2.1.0 as the SARIF committee of OASIS publishes it.
const SCHEMA: &str = include_str!("../data/sarif-2.1.0.schema.json");

fn faults(log: &Value) -> Vec<String> {
    // One pattern has a stray bracket, which only lenient dialects of regular expressions take.
    let schema = SCHEMA.replace("{2}]?$", "{2}$");
    let schema = serde_json::from_str(&schema).expect("JSON");
    let validator = jsonschema::draft7::new(&schema).expect("a schema");
    validator
        .iter_errors(log)
        .map(|error| error.to_string())
        .collect()
}

#[test]
fn the_log_is_valid_and_whole() {
    let mut log: Value = serde_json::from_str(&Found::new().written(sarif)).expect("JSON");
    assert_eq!(faults(&log), Vec::<String>::new());
    let run = &mut log["runs"][0];
    assert_eq!(run["columnKind"], "unicodeCodePoints");
    let rules = run["tool"]["driver"]["rules"].take();
    let rules = rules.as_array().expect("rules");
    assert_eq!(rules.len(), Code::ALL.len());
    let results = run["results"].as_array().expect("results");
    for result in results {
        let index = result["ruleIndex"].as_u64().expect("an index") as usize;
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(rules[index]["shortDescription"]["text"].is_string());
        assert!(rules[index]["help"]["text"].is_string());
        assert_eq!(
            rules[index]["defaultConfiguration"]["level"],
            result["level"]
        );
    }
    let lines: Vec<_> = (results.iter())
        .map(|result| {
            let mut result = result.clone();
            result
                .as_object_mut()
                .expect("an object")
                .remove("ruleIndex");
            format!("{result}\n")
        })
        .collect();
    assert_eq!(
        lines.concat(),
        r#"{"level":"error","locations":[{"physicalLocation":{"artifactLocation":{"uri":"rules/a%20b.yaml"}}}],"message":{"text":"there is no rule\nadd one"},"ruleId":"no-rules"}
{"level":"error","locations":[{"physicalLocation":{"artifactLocation":{"uri":"rules/a%20b.yaml"},"region":{"byteLength":12,"byteOffset":42,"endColumn":42,"endLine":2,"startColumn":30,"startLine":2}}}],"message":{"text":"never closed\nclose it with `]`"},"ruleId":"invalid-glob"}
{"level":"error","locations":[{"physicalLocation":{"artifactLocation":{"uri":"rules/a%20b.yaml"},"region":{"byteLength":10,"byteOffset":72,"endColumn":13,"endLine":4,"startColumn":3,"startLine":4}}}],"message":{"text":"`twice` is here twice"},"relatedLocations":[{"id":0,"message":{"text":"first written here"},"physicalLocation":{"artifactLocation":{"uri":"rules/a%20b.yaml"},"region":{"byteLength":5,"byteOffset":59,"endColumn":8,"endLine":3,"startColumn":3,"startLine":3}}},{"id":1,"message":{"text":"something else\nis here"},"physicalLocation":{"artifactLocation":{"uri":"rules/b.yaml"},"region":{"byteLength":6,"byteOffset":0,"endColumn":7,"endLine":1,"startColumn":1,"startLine":1}}},{"id":2,"message":{"text":"and in this file"},"physicalLocation":{"artifactLocation":{"uri":"rules/good.yaml"}}}],"ruleId":"duplicate-group"}
{"level":"error","locations":[{"physicalLocation":{"artifactLocation":{"uri":"rules/b.yaml"},"region":{"byteLength":4,"byteOffset":20,"endColumn":17,"endLine":2,"startColumn":13,"startLine":2}}}],"message":{"text":"`bo\u001bb`, \"no\" | <user> 100%"},"ruleId":"invalid-user-id"}
{"level":"warning","locations":[{"physicalLocation":{"artifactLocation":{"uri":"rules/b.yaml"},"region":{"byteLength":5,"byteOffset":2898,"endColumn":2872,"endLine":3,"startColumn":2867,"startLine":3}}}],"message":{"text":"`@u250` is needless"},"relatedLocations":[{"id":0,"message":{"text":"because of this"},"physicalLocation":{"artifactLocation":{"uri":"rules/b.yaml"},"region":{"byteLength":5,"byteOffset":2917,"endColumn":2891,"endLine":3,"startColumn":2886,"startLine":3}}},{"id":1,"message":{"text":"and of this"},"physicalLocation":{"artifactLocation":{"uri":"rules/b.yaml"},"region":{"byteLength":17,"byteOffset":5729,"endColumn":5715,"endLine":3,"startColumn":5698,"startLine":3}}}],"ruleId":"subsumed-pattern"}
{"level":"note","locations":[{"physicalLocation":{"artifactLocation":{"uri":"rules/b.yaml"},"region":{"byteLength":22,"byteOffset":5749,"endColumn":17,"endLine":5,"startColumn":3,"startLine":4}}}],"message":{"text":"no known users"},"ruleId":"needs-known-users"}
"#
    );
}

#[test]
fn the_schema_finds_faults() {
    let mut log: Value = serde_json::from_str(&Found::new().written(sarif)).expect("JSON");
    log["runs"][0]["results"][0]["level"] = "fatal".into();
    assert_eq!(faults(&log).len(), 1);
}

#[test]
fn paths_become_uris() {
    for (path, uri) in [
        ("rules/a.yaml", "rules/a.yaml"),
        ("./rules//a.yaml", "rules/a.yaml"),
        ("../a b%.yaml", "../a%20b%25.yaml"),
        ("/etc/présence.yaml", "file:///etc/pr%C3%A9sence.yaml"),
        ("a:b.yaml", "a%3Ab.yaml"),
        ("<stdin>", "%3Cstdin%3E"),
    ] {
        let mut sources = Sources::default();
        let file = sources.add(path, "");
        let findings = [Finding::new(Code::NoRules, Location::file(file), "none")];
        let mut out = Vec::new();
        sarif(&Report::new(&findings, &sources, &[file]), &mut out).expect("memory");
        let log: Value = serde_json::from_slice(&out).expect("JSON");
        assert_eq!(faults(&log), Vec::<String>::new());
        let place = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], uri);
    }
}
