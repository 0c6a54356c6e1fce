import { describe, expect, it } from "vitest";

import { CallError, fileNameOf } from "../api/calls";
import type { Schemas } from "../api/client";
import { clock } from "../texts/texts";
import { pointsOf } from "./Chart";
import { columnsOf, spreadOf } from "./compare/Compare";
import { groupsOf, linesFor } from "./compare/groups";
import { withInterviews } from "./Monitoring";
import { idOf, moved, withLevel, withoutCompetency, withVariant } from "./plans/draft";
import { sessionIn } from "./Problems";
import { mediaTypeOf } from "./preparing";
import type { Version } from "./reviewing";
import { around } from "./Search";
import { formatOf, headerOf, rangeOf } from "./session/recording";
import { detailOf, isSettled } from "./session/ReportVersions";
import { peoplesLevels, scoresOf } from "./session/review/scores";
import { localTime, windowOf } from "./session/window";
import { pieces, turnAt, wordsNow } from "./session/Transcript";
import { adjustmentsOf } from "./sessions/Accommodations";
import { csvField, rowErrors } from "./sessions/BulkSessions";
import { eventsIn, type InterviewNews } from "./stream";
import { errorWords, staffTexts } from "./texts";

it("no area's text takes the place of another's", () => {
  const areas = Object.values(import.meta.glob<Record<string, Record<string, string>>>("../texts/staff/*.en.ts", { eager: true }));
  const keys = areas.flatMap((area) => Object.values(area).flatMap((texts) => Object.keys(texts)));
  expect(keys.filter((key, place) => keys.indexOf(key) !== place)).toEqual([]);
  expect(keys.length).toBeGreaterThan(500);
});

describe("what was refused", () => {
  const refused = (code: string, status = 409) => new CallError(code, "the API's own words", status);
  it("is said in the reader's language", () => {
    expect(errorWords(staffTexts("de"), refused("invitation_open"))).toContain("schon eingeladen");
    expect(errorWords(staffTexts("de"), refused("something_new"))).toBe("Der Server hat das nicht angenommen (something_new).");
    expect(errorWords(staffTexts("en"), refused("something_new"))).toBe("the API's own words");
    expect(errorWords(staffTexts("de"), refused("something_new", 500))).toBe("Auf dem Server ist etwas schiefgegangen.");
  });
  it("keeps the API's words where they alone say which field", () => {
    expect(errorWords(staffTexts("de"), refused("invalid", 422))).toBe("So wird das nicht angenommen: the API's own words");
  });
});

describe("the stream", () => {
  it("gives whole events and keeps the rest", () => {
    const [events, rest] = eventsIn('event: session\nid: 7\ndata: {"a":\ndata: 1}\n\n: still here\n\nevent: x\nda');
    expect(events).toEqual([{ event: "session", id: "7", data: '{"a":\n1}' }]);
    expect(rest).toBe("event: x\nda");
  });
  it("shows what runs, and takes away what is over", () => {
    const one = { session_id: "1", status: "IN_PROGRESS" } as InterviewNews;
    const over = { session_id: "1", status: "COMPLETED" } as InterviewNews;
    expect(withInterviews([], [one], false)).toEqual([one]);
    expect(withInterviews([one], [over], false)).toEqual([]);
    expect(withInterviews([one], [], true)).toEqual([]);
  });
});

describe("plans", () => {
  it("give each name an id of its own", () => {
    expect(idOf("Übersicht & Plan", [])).toBe("ubersicht_plan");
    expect(idOf("Q", ["q"])).toBe("q_2");
  });
  it("move within the list only", () => {
    expect(moved(["a", "b", "c"], 2, -1)).toEqual(["a", "c", "b"]);
    expect(moved(["a", "b"], 0, -1)).toEqual(["a", "b"]);
  });
  it("leave no question without a competency", () => {
    const plan = {
      title: "t",
      competencies: [{ id: "a", name: "A" }, { id: "b", name: "B" }],
      questions: [{ id: "q", text: "?", competency: "b" }],
    };
    expect(withoutCompetency(plan, "b").questions[0]?.competency).toBe("a");
  });
  it("change one level of five", () => expect(withLevel(["1", "2", "3", "4", "5"], 1, "x")).toEqual(["1", "x", "3", "4", "5"]));
});

it("a question without other wordings has none at all", () => {
  const harder = withVariant(null, "harder", "Why?");
  expect(harder).toEqual({ harder: "Why?" });
  expect(withVariant(harder, "harder", "")).toBeNull();
});

describe("the time in which it can be started", () => {
  const before = { not_before: "2026-03-01T09:00:30.000Z", not_after: "2026-03-08T09:00:00.000Z" };
  const [from, to] = [localTime(before.not_before), localTime(before.not_after)];
  it("stays where nothing was changed", () => expect(windowOf(before, from, to)).toEqual({}));
  it("loses its beginning only where that was emptied", () => {
    expect(windowOf(before, "", to)).toEqual({ not_before: null });
    expect(windowOf(before, from, "2026-03-09T10:00")).toEqual({ not_after: new Date("2026-03-09T10:00").toISOString() });
  });
  it("never goes without an end", () => expect(windowOf(before, from, "")).toEqual({}));
});

describe("candidates side by side", () => {
  it("are spread by what is shown", () => {
    expect(spreadOf([5, 2, 3])).toEqual({ n: 3, lowest: 2, median: 3, highest: 5 });
    expect(spreadOf([4, 3]).median).toBe(3.5);
    expect(spreadOf([])).toEqual({ n: 0, lowest: null, median: null, highest: null });
  });
  it("have every competency of any page once", () => {
    const page = (id: string, level: number) =>
      ({ competencies: [{ id, name: id.toUpperCase() }], rows: [{ scores: { [id]: { level } } }] }) as unknown as Schemas["Comparison"];
    expect(columnsOf([page("a", 1), page("b", 2), page("a", 3)]).map((one) => [one.name, one.spread.n])).toEqual([["A", 2], ["B", 1]]);
  });
  it("are grouped by lines, and lines that name nobody are told", () => {
    expect(groupsOf('a@x.org; A\n\n"s-1",B\nnobody\nA@X.org,C\n')).toEqual({
      groups: [{ email: "A@X.org", group: "C" }, { session_id: "s-1", group: "B" }],
      wrong: [4],
    });
    expect(groupsOf(linesFor(["s-1"])).wrong).toEqual([1]);
  });
});

it("marks what was found by characters, not by halves of them", () => expect(around({ excerpt: "😀 a pool.", start: 4, end: 8 })).toEqual(["😀 a ", "pool", "."]));
it("takes an interview's id from its page's address", () => expect(["https://x/app/sessions/s-1?tab=report", " s-1 "].map(sessionIn)).toEqual(["s-1", "s-1"]));
it("sends no accommodations where none is set", () => {
  expect(adjustmentsOf({ captions: false, extra_time_percent: 0 })).toBeNull();
  expect(adjustmentsOf({ captions: true, tic: false })).toEqual({ captions: true });
});

describe("lists from a file", () => {
  it("tell the rows that are wrong, and nothing else", () => {
    expect(rowErrors({ errors: [{ row: 2, column: "email", message: "no" }, "x", null] })).toEqual([{ row: 2, column: "email", message: "no" }]);
    expect(rowErrors({})).toEqual([]);
  });
  it("give a spreadsheet no formula", () => expect(csvField('=1+"a"')).toBe('"\'=1+""a"""'));
});

describe("the recording", () => {
  const format = { channels: 2, rate: 24_000, perSecond: 96_000 };
  it("reads the header that it writes", () => {
    expect(formatOf(new DataView(headerOf(format, 960)))).toEqual(format);
    expect(formatOf(new DataView(new ArrayBuffer(44)))).toBeNull();
  });
  it("asks for the bytes of a minute", () => expect(rangeOf(format, 1)).toEqual([44 + 5_760_000, 44 + 11_520_000 - 1]));
  it("knows which turn is heard", () => {
    expect(turnAt([1, 5, 9], 6)).toBe(1);
    expect(turnAt([1, 5, 9], 0)).toBe(-1);
  });
  it("marks what was looked for, in any case", () => expect(pieces("Ada and ADA", "ada")).toEqual(["", "Ada", " and ", "ADA", ""]));
});

describe("what people do with a report", () => {
  const version = (status: Version["status"]) => ({ status }) as Version;
  it("waits while something comes by itself", () => {
    expect([undefined, []].map(isSettled)).toEqual([false, false]);
    expect((["queued", "building", "partial", "ready", "failed"] as const).map((one) => isSettled([version(one)]))).toEqual([false, false, false, true, true]);
  });
  it("tells why from where it stands", () => {
    expect(detailOf("failed: model away: 503")).toBe("model away: 503");
    expect(detailOf("ready")).toBe("");
  });
  it("sends only the scores that were chosen, and no level where one cannot tell", () => {
    const note = "";
    expect(scoresOf({ a: { level: "4", note: " one case " }, b: { level: "none", note }, c: { level: null, note } })).toEqual({
      a: { level: 4, note: "one case" },
      b: { level: null, note },
    });
  });
  it("counts the latest level of everybody", () => {
    const given = (by: string, level: number | null) => ({ by, scores: { a: { level, note: "" } } }) as unknown as Schemas["OwnScoresView"];
    expect(peoplesLevels([given("x", 2), given("y", null), given("x", 5)], "a")).toEqual([{ by: "x", level: 5 }]);
  });
  it("reads a turn as it was corrected last", () => {
    const turn = { turn_id: "t", text: "heard" };
    const at = (second: number) => `2026-01-01T00:00:0${second}Z`;
    const corrections = [{ turn_id: "t", text: "later", at: at(2) }, { turn_id: "t", text: "first", at: at(1) }, { turn_id: "u", text: "other", at: at(3) }];
    expect(wordsNow(turn, corrections)).toBe("later");
    expect(wordsNow(turn, [])).toBe("heard");
  });
  it("names a file as the server does, and never by a path", () => {
    expect(fileNameOf('attachment; filename="report-1-2-draft.pdf"')).toBe("report-1-2-draft.pdf");
    expect([fileNameOf(null), fileNameOf('attachment; filename="../x"')]).toEqual([null, null]);
  });
});

it("tells a file's type by its ending", () => expect(["A.PDF", "cv.docx", "cv"].map(mediaTypeOf)).toEqual(["application/pdf", expect.stringContaining("wordprocessing"), "text/plain"]));
it("draws a line for one value too", () => expect(pointsOf([3])).toBe("0.0,2.0 160.0,2.0"));
it("counts hours only where there are some", () => expect([clock(65), clock(3661)]).toEqual(["1:05", "1:01:01"]));
it("speaks of one as of one", () => {
  const said = (["en", "de"] as const).map((language) => [1, 2].map((count) => staffTexts(language).t("live.waits", { count })));
  expect(said).toEqual([["1 incident waits", "2 incidents wait"], ["1 Vorfall wartet", "2 Vorfälle warten"]]);
});
it("writes numbers as the reader's language does", () => {
  const { number, percent, money } = staffTexts("de");
  expect([number(0.5, 2, 2), number(null), percent(0.123, 1), money(1.5)].map((one) => one.replace(/\u00a0/g, " "))).toEqual(["0,50", "–", "12,3 %", "1,50 $"]);
});
