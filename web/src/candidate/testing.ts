/** An invitation as tests find it. */

import type { Seat } from "./calls";

export const SEAT: Seat = {
  session_id: "s",
  title: "Sales",
  status: "INITIALIZED",
  language: "en",
  duration_s: 1800,
  question_count: 3,
  records_audio: true,
  watches_camera: false,
  captions: false,
  typing_only: false,
  not_before: null,
  not_after: "2040-01-01T00:00:00Z",
  consent: {
    introduction: "Who",
    questions: [{ item: "interview", required: true, text: "I agree" }],
    given: null,
    text_version: "1",
  },
};
