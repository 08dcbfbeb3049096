//! What names servers and users at a glance says what `ruma-identifiers-validation` says.

use presence_router::user_id::{MAX_BYTES, UserId, validate_server_name};
use proptest::prelude::*;

use super::cases;

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(14 * cases()) })]

    #[test]
    fn host_names_are_those_of_ruma(host in "[a-zA-Z0-9.é_\\[\\]-]{0,12}|[a-z.-]{250,265}|\\[[0-9a-f:]{0,9}\\]") {
        let expected = ruma_identifiers_validation::server_name::validate(&host);
        prop_assert_eq!(validate_server_name(&host).is_ok(), expected.is_ok());
    }

    #[test]
    fn user_ids_are_those_of_ruma(id in "@?[a-z\0:é ]{0,6}:?[a-z.:_]{0,6}(:[0-9]{1,4})?|@[a-z]{240,250}:[a-z]{1,9}") {
        let expected = ruma_identifiers_validation::user_id::validate(&id);
        prop_assert_eq!(UserId::parse(&id).is_ok(), expected.is_ok());
        prop_assert!(expected.is_err() || id.len() <= MAX_BYTES);
    }
}
