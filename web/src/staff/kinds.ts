/** What can be looked for, in the order in which it is offered. */

import type { Schemas } from "../api/client";

export const KINDS: readonly Schemas["IncidentKind"][] = [
  "no_face", "second_face", "different_person", "head_away", "gaze_away", "camera_off", "camera_covered", "camera_dark",
  "camera_frozen", "still_picture", "phone", "second_voice", "tab_hidden", "window_blur", "fullscreen_left", "paste",
  "second_screen", "second_seat",
];
