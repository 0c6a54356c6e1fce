from bench.web import Visit, summary


def test_the_slowest_page_and_the_largest_script_count_and_first_words_by_their_percentiles():
    visits = [
        Visit(first_words_s=1.0 + number / 10, interactive_s=0.5 + number / 100, script_bytes=200_000 + number)
        for number in range(11)
    ]
    assert summary(visits) == {
        "consent_to_first_words_p50_s": 1.5,
        "consent_to_first_words_p95_s": 1.95,
        "candidate_script_kb": 200.0,
        "interactive_s": 0.6,
        "n": 11,
    }
