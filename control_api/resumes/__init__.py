"""`/session/{session_id}/cv`: a candidate's résumé. (`resume` is what goes on after a pause.)"""
