//! `unused-group`.

use super::found;

#[test]
fn a_group_is_reached_by_a_rule() {
    assert_eq!(
        found(
            r"groups:
  used: {group: inner}
  inner: '@a:x'
  lonely: {group: below}
  below: {exclude: {group: deepest}}
  deepest: '@b:x'
routes:
- {senders: {exclude: {group: used}}, recipients: '@r:x'}
"
        )
        .lines()
        .collect::<Vec<_>>(),
        [
            r"rules.yaml:4:3: warning[unused-group]: no rule uses the group `lonely`; remove it, or use it in a rule as `{group: lonely}`",
            r"rules.yaml:5:3: warning[unused-group]: no rule uses the group `below`, nor `lonely`, which names it; remove it, or use it in a rule as `{group: below}`",
            r"rules.yaml:6:3: warning[unused-group]: no rule uses the group `deepest`, nor `below`, which names it; remove it, or use it in a rule as `{group: deepest}`",
        ]
    );
    assert_eq!(
        found(
            r"groups: {a: '@a:x'}
"
        ),
        ""
    );
    assert_eq!(
        found(
            r"groups: {staff: '@a:x'}
routes:
- {senders: {group: stafff}, recipients: '@r:x'}
"
        )
        .lines()
        .collect::<Vec<_>>(),
        [
            r"rules.yaml:3:21: error[unknown-group]: no group is called `stafff`; did you mean `staff`?",
        ]
    );
}
