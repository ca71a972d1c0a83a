"""Which threat is met by which test. A test holds that each of these tests exists, and that none is left out."""

from typing import NamedTuple


class Threat(NamedTuple):
    id: str
    what: str
    tests: tuple[str, ...]  # file under tests/, and the beginning of a test's name


def threat(name: str, what: str, *tests: str) -> Threat:
    return Threat(name, what, tests)


_CRM, _ERP, _SHOP = "connectors/salesforce", "connectors/kingdee", "connectors/shopify"
_CANARIES, _TELLING, _PARSING = "security/test_canaries.py", "security/test_telling.py", "security/test_parsing.py"
_INJECTION, _REFUSING = "security/test_injection.py", "security/test_refusing.py"
_EVENT_LOG, _AUDIT = "sync_pipelines/dagster/test_event_log.py", "sync_pipelines/ledger/test_audit.py"
_OPENING, _MATCHING = "sync_pipelines/ledger/test_opening.py", "sync_pipelines/identity/test_matching.py"
_GATE, _WEBHOOKS = "sync_pipelines/gate", "connectors/test_webhooks.py"
_GUARD = "sync_pipelines/gate/test_guard.py"
_HTTP, _TLS, _ADDRESS, _AUTH = (f"connectors/test_{name}.py" for name in ("http", "tls", "address", "auth"))

THREATS: tuple[Threat, ...] = (
    # --- values that would be questions
    threat("T01a", "a value widens a SOQL query", f"{_CRM}/test_soql.py::test_any_text_is_exactly_one_literal"),
    threat("T01b", "a name of a field is a query", f"{_CRM}/test_soql.py::test_a_name_that_is_none_is_refused"),
    threat("T01c", "a value widens a question to any of three systems", f"{_INJECTION}::test_t01_"),
    threat("T02", "a value widens an OData filter", f"{_INJECTION}::test_t02_"),
    threat("T03a", "a value widens Kingdee's FilterString", f"{_ERP}/test_filters.py::test_a_quoted_text_finds_itself"),
    threat("T03b", "a control character breaks a filter", f"{_ERP}/test_filters.py::test_control_characters_are_not"),
    threat("T03c", "a value changes a GraphQL document", f"{_SHOP}/test_shopify_documents.py::test_every_document_is"),
    threat(
        "T03d", "a value is an operator in a Tryton domain", "connectors/tryton/test_tryton_wire.py::test_a_value_comes"
    ),
    threat("T04a", "an id is a path", f"{_ADDRESS}::test_any_id_is_one_segment", f"{_INJECTION}::test_t04_"),
    threat("T04b", "an id is an address", f"{_ADDRESS}::test_what_cannot_be_a_segment_is_refused"),
    threat("T05a", "a header of ours holds a line break", f"{_HTTP}::test_a_header_that_would_inject_or_burst"),
    threat("T05b", "a token holds a line break", f"{_AUTH}::test_a_token_with_a_line_break_never_reaches_a_header"),
    # --- values that would be orders
    threat(
        "T06",
        "a formula in a spreadsheet that we hand out",
        "sync_pipelines/review/test_sheets.py::test_no_cell_begins_like_a_formula",
        "sync_pipelines/review/test_sheets.py::test_a_formula_in_somebodys_name",
    ),
    threat("T07", "business data is cleaned in silence", f"{_REFUSING}::test_t07_"),
    threat("T08", "a terminal obeys a name", f"{_TELLING}::test_t08_"),
    threat("T09", "a name makes a log line of its own", f"{_TELLING}::test_t09_"),
    # --- answers that break the reader
    threat("T10", "entities of XML are resolved", f"{_PARSING}::test_t10_"),
    threat("T11a", "a decompression bomb", f"{_HTTP}::test_a_bomb_goes_off_in_a_small_room"),
    threat("T11b", "a packing whose size is not bounded", f"{_HTTP}::test_another_packing_than_gzip_is_refused"),
    threat("T11c", "an answer without end", f"{_HTTP}::test_a_large_plain_answer_is_refused_too"),
    threat("T12a", "an answer that drips for ever", f"{_HTTP}::test_an_answer_that_drips_is_cut_at_the_deadline"),
    threat("T12b", "JSON nested without end", f"{_HTTP}::test_json_that_is_nested_without_end_is_refused"),
    threat("T12c", "a number of a million digits", f"{_PARSING}::test_t12_"),
    threat(
        "T12d",
        "pages in a circle or without end",
        "connectors/test_paging.py::test_a_circle_of_tokens",
        "connectors/test_paging.py::test_pages_without_end",
    ),
    threat(
        "T13",
        "two parsers read an answer in two ways",
        f"{_PARSING}::test_t13_",
        f"{_HTTP}::test_amounts_beyond_floats",
        "connectors/test_halves.py::test_a_half_is_no_way_around",
    ),
    # --- places that are not meant
    threat("T14a", "an address inside our own network", f"{_ADDRESS}::test_an_address_that_is_not_safe_is_refused"),
    threat("T14b", "the metadata service of a cloud", f"{_ADDRESS}::test_the_metadata_service_of_a_cloud"),
    threat(
        "T14c",
        "a link to another host",
        f"{_ADDRESS}::test_a_link_that_leads_elsewhere",
        f"{_CRM}/test_session.py::test_a_link_to_another_host",
    ),
    threat("T15a", "credentials go along with a redirect", f"{_HTTP}::test_a_redirect_is_not_followed"),
    threat("T15b", "credentials go along with a next link", f"{_ADDRESS}::test_credentials_do_not_go_to_another_host"),
    threat("T15c", "a login names another host", f"{_CRM}/test_session.py::test_a_token_is_sent_only_where"),
    threat("T16a", "a certificate that nobody vouches for", f"{_TLS}::test_a_certificate_that_nobody_vouches_for"),
    threat(
        "T16b", "an expired certificate, or another host's", f"{_TLS}::test_another_hosts_certificate_and_an_expired"
    ),
    threat("T16c", "the environment brings an authority", f"{_TLS}::test_the_environment_cannot_slip_in_an_authority"),
    threat("T16d", "the environment brings a proxy", f"{_HTTP}::test_proxies_of_the_environment_are_ignored"),
    threat("T16e", "somebody switches verification off", f"{_PARSING}::test_t16_"),
    # --- secrets and people
    threat(
        "T17", "a secret stands in an address", f"{_INJECTION}::test_t17_", f"{_ADDRESS}::test_an_address_in_a_message"
    ),
    threat("T18a", "a secret or a person in what commands say", f"{_CANARIES}::test_t18_"),
    threat("T18b", "a secret in logs and errors of the network", f"{_HTTP}::test_no_secret_reaches_logs_or_errors"),
    threat("T18c", "a customer in an error of the database", f"{_OPENING}::test_errors_never_show_customers_data"),
    threat(
        "T18d", "a customer in Dagster's event log", f"{_EVENT_LOG}::test_a_whole_history_leaves_no_customers_value"
    ),
    threat("T18e", "a system quotes a customer at us", f"{_EVENT_LOG}::test_what_a_system_quotes_at_us_is_taken_out"),
    threat(
        "T18f",
        "a person in a plan that is only looked at",
        "sync_pipelines/cli/test_output.py::test_personal_data_is_masked",
    ),
    threat(
        "T18g",
        "a person or a secret in an alert",
        "monitoring/test_redact.py::test_what_may_be_a_persons_or_a_secret_goes",
    ),
    threat("T18h", "a record is a label of a metric", "monitoring/test_metrics.py::test_labels_are_words_of_the_book"),
    threat("T19a", "a secret at rest", f"{_CANARIES}::test_t19_"),
    threat("T19b", "a secret in the book", "connectors/test_settings.py::test_a_secret_in_the_book_is_refused"),
    threat("T20a", "two threads renew one token", f"{_AUTH}::test_of_many_threads_one_renews"),
    threat("T20b", "a renewed token is lost", f"{_AUTH}::test_a_new_refresh_token_is_kept_before"),
    threat(
        "T38",
        "somebody else reads the ledger's files",
        f"{_CANARIES}::test_t38_",
        f"{_OPENING}::test_a_new_ledger_is_for_its_owner",
    ),
    # --- writes that are not meant
    threat("T21", "the connection's user may do more than it has to", "security/test_rights.py::test_t21_"),
    threat("T22", "a write reaches a field that no map names", f"{_CANARIES}::test_t22_"),
    threat("T23a", "a forged key of ours takes over a record", f"{_MATCHING}::test_our_key_counts_where_we_planned"),
    threat("T23b", "a copy of a record bears our key", f"{_MATCHING}::test_a_copy_of_a_record_that_carries_our_key"),
    threat(
        "T23c",
        "a forged key is believed by a ledger that was restored",
        "sync_pipelines/flow/test_restored_keys.py::test_a_key_on_a_record_that_says_something_else",
        "sync_pipelines/flow/test_restored_keys.py::test_of_two_records_with_one_key_neither",
    ),
    threat("T24", "a sandbox in the place of the real one", f"{_CANARIES}::test_t24_"),
    threat(
        "T25a",
        "somebody else announces what did not happen, or plays an announcement back",
        f"{_WEBHOOKS}::test_a_body_that_was_changed_on_its_way",
        f"{_WEBHOOKS}::test_another_secret_proves_nothing",
        f"{_WEBHOOKS}::test_where_no_secret_is_set_nothing_is_genuine",
        f"{_WEBHOOKS}::test_a_replay_after_its_window",
        f"{_WEBHOOKS}::test_a_replay_under_another_id",
        f"{_GATE}/test_arrivals.py::test_what_is_not_genuine_is_refused",
        f"{_GATE}/test_arrivals.py::test_a_delivery_that_comes_again",
    ),
    threat(
        "T25b",
        "an announcement is taken for data, or looked into before it is kept",
        "sync_pipelines/flow/test_hinting.py::test_what_a_delivery_says_of_a_record_is_never_taken",
        f"{_GATE}/test_arrivals.py::test_a_body_that_is_no_json_is_kept",
    ),
    threat(
        "T26a",
        "somebody unknown, or of a lesser role, sees or changes something",
        f"{_GUARD}::test_by_no_way_around",
        f"{_GUARD}::test_each_path_has_the_least_role",
        f"{_GUARD}::test_a_mutation_beyond_the_role",
        f"{_GUARD}::test_every_mutation_that_dagster_has",
        f"{_GUARD}::test_over_a_websocket_nobody_does_more",
    ),
    threat(
        "T26b",
        "a page of somebody else acts in somebody's name",
        f"{_GUARD}::test_no_page_but_ours",
        f"{_GUARD}::test_a_page_of_somebody_else_opens_no_websocket",
    ),
    threat(
        "T26c",
        "a leave is stretched to more than a person let through",
        "sync_pipelines/planning/test_guards.py::test_what_a_persons_leave_covers",
    ),
    threat("T26d", "a header makes somebody an admin", f"{_GUARD}::test_anybody_else_who_names_somebody"),
    threat("T26e", "passwords are tried", "sync_pipelines/gate/test_login.py::test_after_five_failures"),
    threat("T27a", "the trail is changed in the database", f"{_AUDIT}::test_the_database_itself_refuses"),
    threat("T27b", "the trail is forged by who takes the guards off", f"{_AUDIT}::test_who_takes_the_guards_off"),
    threat(
        "T28a",
        "an erased person comes back",
        "sync_pipelines/flow/test_suppressing.py::test_an_erased_person_is_not_made",
    ),
    threat(
        "T28b", "the list of the erased names them", "sync_pipelines/flow/test_suppressing.py::test_only_hashes_that"
    ),
    threat(
        "T29",
        "more is fetched than a map names",
        f"{_CANARIES}::test_t29_",
        "sync_pipelines/test_settings.py::test_only_what_the_maps_read",
    ),
    threat("T30", "data is run as a program", f"{_PARSING}::test_t30_"),
    threat("T31", "a book leads out of its folder", f"{_PARSING}::test_t31_"),
    threat(
        "T32",
        "bad records, or two that fight, use up the house",
        "security/test_flooding.py::test_t32_",
        "sync_pipelines/simulation/test_half_characters.py::test_the_field_that_bears_half",
    ),
    threat("T33", "what breaks on our side lets a write through", f"{_REFUSING}::test_t33_"),
    threat(
        "T39",
        "what lets one in is guessed or tried out",
        f"{_GATE}/test_login.py::test_what_lies_in_the_ledger_is_no_cookie",
        f"{_GATE}/test_login.py::test_a_cookie_whose_seal_is_not_ours",
        f"{_GATE}/test_login.py::test_a_wrong_password_and_an_unknown_name",
        f"{_GATE}/test_login.py::test_many_addresses_do_not_try_one_name",
    ),
    threat("T40", "the clock forces a mass of writes", f"{_REFUSING}::test_t40_"),
    # --- what comes with us
    threat(
        "T34a", "a package is exchanged on its way", "architecture/test_house.py::test_a_lock_pins_everything_by_hash"
    ),
    threat("T34b", "something is installed beside the lock", f"{_PARSING}::test_t34_"),
    threat("T35", "what comes with us is known to be faulty", "security/test_dependencies.py::test_t35_"),
    threat(
        "T36",
        "a package that nobody named brings a connector",
        "connectors/test_registry.py::test_a_package_that_the_book_does_not_name",
    ),
    threat("T37", "somebody is told how we are used", "architecture/test_house.py::test_dagster_accepts_our_instance"),
)
NOT_YET: dict[str, str] = {}
