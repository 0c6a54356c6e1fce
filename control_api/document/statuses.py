"""Under which HTTP status each problem code comes. A test holds the table to where the codes are raised."""

from types import MappingProxyType

_TABLE = {
    400: "malformed_json",
    401: """
        bad_credentials bad_signature bad_token not_authenticated seat_closed seat_taken_over signed_out
        token_expired
    """,
    403: "cross_site not_allowed wrong_password",
    404: """
        delivery_not_found evidence_not_found invitation_not_found invite_not_found link_not_found no_recording
        not_found person_not_found plan_version_not_found proposal_not_found report_not_found
        report_not_released resume_not_found session_deleted still_not_found webhook_not_found
    """,
    408: "body_too_slow",
    409: """
        admins_busy already_begun already_decided already_filed already_redone claimed consent_by_candidate
        consent_closed consent_missing consent_required consent_text_changed delivery_under_way delivery_wiped
        email_taken idempotency_in_progress idempotency_mismatch illegal_transition incident_busy
        invitation_open invitation_used last_admin not_claimed not_decided not_ended not_over not_running
        nothing_to_draw_from own_scores_first password_changed plan_archived plan_changed problem_answered
        refresh_in_progress report_not_failed report_not_ready seat_in_use second_opinion_by_another
        session_busy session_ended session_over too_early too_many_entries too_many_problems too_many_proposals
        too_many_questions too_many_reviews too_many_webhooks watching_not_told webhook_disabled window_closed
    """,
    413: "body_too_large",
    415: "unsupported_media_type",
    416: "range_not_satisfiable",
    422: """
        bad_cursor bad_password bad_target bad_user bad_webhook bulk_invalid competency_unknown
        correction_missing engine_unknown incident_not_found invalid language_unknown malformed_yaml nested_too_deeply
        not_in_session nothing_to_search number_out_of_range plan_not_found reason_missing redo_not_found
        resume_encrypted resume_no_text resume_too_long resume_type_unknown resume_unreadable too_long
        turn_not_found unstorable_text webhook_host_unknown webhook_target_refused webhook_url_invalid
        window_closed
    """,
    429: """
        daily_cost_ceiling too_many_attempts too_many_downloads too_many_requests too_many_streams
        too_many_uploads
    """,
    500: "internal",
    503: "rendering_failed rendering_under_way room_service_unavailable storage_unavailable",
}

STATUSES = MappingProxyType(
    {
        code: tuple(status for status, codes in _TABLE.items() if code in codes.split())
        for codes in _TABLE.values()
        for code in codes.split()
    }
)
"""Each code with its statuses, nearly always one."""
