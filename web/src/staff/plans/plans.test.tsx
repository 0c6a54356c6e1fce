import { readFileSync } from "node:fs";

import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, fireEvent, render, renderHook, screen, within } from "@testing-library/react";
import { type ReactNode, useState } from "react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { CallError } from "../../api/calls";
import type { Schemas } from "../../api/client";
import { type Language, type Texts, TextsProvider } from "../../texts/texts";
import type { PlanAnswer, PlanContent } from "../data";
import { staffTexts } from "../texts";
import { EMPTY, withThreshold } from "./draft";
import { type Fault, faultsOf, faultWords, placeOf, standing } from "./faults";
import { FaultList, Faulty, goTo } from "./fields";
import { PlanEditor } from "./PlanEditor";
import { useDraft } from "./useDraft";

vi.setConfig({ testTimeout: 30_000 }); // on a busy machine the whole editor takes its time

beforeEach(() => localStorage.clear());
afterEach(cleanup);

const refused = (details: Record<string, unknown>, code = "invalid") => new CallError(code, "the request's content is wrong", 422, details);
const fault = (where: string, kind = "missing", what = ""): Fault => ({ where, what, kind });

describe("what the API finds wrong", () => {
  it("is told by the path in the plan, of a body as of a file", () => {
    const errors = [{ where: "body.plan.questions.3.text", what: "too long", kind: "string_too_long" }, { where: "body.plan", what: "a", kind: "b" }, { where: "title", what: "c", kind: "d" }];
    expect(faultsOf(refused({ errors })).map((one) => one.where)).toEqual(["questions.3.text", "", "title"]);
    expect(faultsOf(refused({ kind: "tts", known: [] }, "engine_unknown"))[0]?.where).toBe("engines.tts");
    expect(faultsOf(refused({ known: [] }, "language_unknown"))[0]?.where).toBe("language");
    expect(faultsOf(new CallError("plan_changed", "", 409))).toEqual([]);
  });
  it("stands until that field is changed", () => {
    const now = { ...EMPTY, title: "Mended" };
    expect(standing([fault("title"), fault("questions.0.text")], EMPTY, now).map((one) => one.where)).toEqual(["questions.0.text"]);
    expect(standing([fault("questions.0.text")], EMPTY, { ...EMPTY, questions: [] })).toEqual([]);
  });
  it("is said in the reader's language, with its limit, or else in the API's words", () => {
    const de = staffTexts("de");
    expect(faultWords(de, fault("title", "string_too_long", "String should have at most 200 characters"))).toBe("höchstens 200 Zeichen");
    expect(faultWords(de, fault("adaptive", "contradiction", "no question has a variant"))).toContain("Fassung");
    expect(faultWords(de, fault("proctoring.thresholds.no_face.threshold", "contradiction", "it lies between 0 and 1"))).toContain("außerhalb");
    expect(faultWords(de, fault("title", "unheard_of", "exact words"))).toBe("exact words");
  });
  it("has a place that the page knows by name", () => {
    const en = staffTexts("en");
    expect(placeOf(en, "questions.2.text")).toBe("Question 3, Words");
    expect(placeOf(en, "competencies.0.rubric.4")).toBe("Competency 1, Rubric: what each level looks like");
    expect(placeOf(en, "proctoring.thresholds.phone.after_s")).toBe("Phone, Seconds that it must last");
    expect(placeOf(en, "questions.0.surprise")).toBe("Question 1, questions.0.surprise");
  });
});

it("leaves out a kind whose thresholds say nothing", () => {
  const one = withThreshold({}, "phone", "after_s", 3);
  expect(one).toEqual({ phone: { after_s: 3 } });
  expect(withThreshold(one, "phone", "after_s", null)).toEqual({});
  expect(withThreshold(one, "paste", "threshold", 0)).toEqual({ phone: { after_s: 3 }, paste: { threshold: 0 } });
});

/** A path without which of a list, and which kind. */
const any = (path: string) => path.replace(/\.\d+(?=\.|$)/g, ".#").replace(/(thresholds)\.\w+/, "$1.*");

interface Part {
  $ref?: string;
  anyOf?: Part[];
  properties?: Record<string, Part>;
  additionalProperties?: Part | boolean;
  items?: Part;
  prefixItems?: Part[];
}

/** The paths of all that a schema of the API's document holds. */
function leavesOf(name: string): string[] {
  const document = JSON.parse(readFileSync("openapi.json", "utf-8")) as { components: { schemas: Record<string, Part> } };
  const walk = (part: Part, path: string): string[] => {
    if (part.$ref) return walk(document.components.schemas[part.$ref.split("/").at(-1) ?? ""] ?? {}, path);
    if (part.anyOf) return walk(part.anyOf[0] ?? {}, path);
    if (part.properties) return Object.entries(part.properties).flatMap(([key, one]) => walk(one, path ? `${path}.${key}` : key));
    if (typeof part.additionalProperties === "object") return walk(part.additionalProperties, `${path}.*`);
    const one = part.prefixItems?.[0] ?? part.items;
    const deeper = one ? walk(one, `${path}.#`) : [];
    return part.prefixItems || deeper.some((leaf) => leaf !== `${path}.#`) ? deeper : [path];
  };
  return [...new Set(walk({ $ref: name }, ""))].sort();
}

const CHOICES: Schemas["PlanChoices"] = {
  languages: ["de", "en"],
  engines: { stt: ["deepgram", "local"], llm: ["local"], tts: ["local"] },
  general_rubric: ["a", "b", "c", "d", "e"],
  kinds: [{ kind: "no_face", threshold: 0.6, after_s: 2, lowest: 0, highest: 1, sense: "below" }],
};

describe("the editor", () => {
  let plan: PlanContent;
  function Page({ start, faults = [], language = "en" }: { start: PlanContent; faults?: Fault[]; language?: Language }) {
    const [shown, setShown] = useState(start);
    plan = shown;
    const queries = new QueryClient({ defaultOptions: { queries: { staleTime: Infinity } } });
    queries.setQueryData(["plan-choices"], CHOICES);
    return (
      <QueryClientProvider client={queries}>
        <TextsProvider value={staffTexts(language) as Texts<string>}>
          <form data-testid="form">
            <Faulty faults={faults}>
              <PlanEditor plan={shown} onChange={setShown} />
            </Faulty>
          </form>
          <FaultList faults={faults} onGo={(where) => goTo(screen.getByTestId("form"), where)} />
        </TextsProvider>
      </QueryClientProvider>
    );
  }
  const choose = (label: string, value: string) => fireEvent.change(screen.getByLabelText(label), { target: { value } });

  it("shows of a new plan what the API makes of one that says nothing", () => {
    render(<Page start={EMPTY} />);
    expect(screen.getByRole("checkbox", { name: /Watch camera/ })).toHaveProperty("checked", true);
    expect(screen.getByRole("checkbox", { name: "Second face" })).toHaveProperty("checked", true);
  });
  it("chooses engines among those of the house, and keeps one that is gone", () => {
    render(<Page start={{ ...EMPTY, engines: { llm: "gone" } }} />);
    choose("Speech to text", "deepgram");
    expect(plan.engines).toEqual({ llm: "gone", stt: "deepgram" });
    expect(screen.getByLabelText("Language model")).toHaveProperty("value", "gone");
    expect(screen.getByText("gone (not in this house any more)")).toBeTruthy();
  });
  it("sets thresholds of what is looked for, and says what the house has", () => {
    render(<Page start={EMPTY} language="de" />);
    const one = within(screen.getByRole("group", { name: "Kein Gesicht", hidden: true }));
    fireEvent.change(one.getByLabelText("Ab welchem Wert"), { target: { value: "0.4" } });
    fireEvent.change(one.getByLabelText("So viele Sekunden muss es dauern"), { target: { value: "3.5" } });
    expect(plan.proctoring?.thresholds).toEqual({ no_face: { threshold: 0.4, after_s: 3.5 } });
    expect(one.getByText(/unter diesem Wert zählt es. In diesem Haus: 0,6/)).toBeTruthy();
    expect(screen.queryByRole("group", { name: "Telefon", hidden: true })).toBeNull();
  });
  it("has a field for everything that a plan holds, but for ids, which the page gives", () => {
    const own: [string, string, string, string, string] = ["1", "2", "3", "4", "5"];
    render(<Page start={{ ...EMPTY, competencies: [{ id: "general", name: "General", rubric: own }] }} />);
    const names = new Set([...document.querySelectorAll("[name]")].map((one) => any(one.getAttribute("name") ?? "")));
    const left = leavesOf("PlanContent").filter((path) => !names.has(path));
    expect(left).toEqual(["competencies.#.id", "questions.#.id", "questions.#.source"]);
  });
  it("knows the general rubric by its words, as a plan comes back with it", () => {
    const competency = { ...(EMPTY.competencies[0] as PlanContent["competencies"][number]), rubric: ["a", "b", "c", "d", "e"] as [string, string, string, string, string] };
    render(<Page start={{ ...EMPTY, competencies: [competency] }} />);
    const general = screen.getByRole("checkbox", { name: "Use the general rubric" });
    expect(general).toHaveProperty("checked", true);
    expect(screen.queryByLabelText("Level 1")).toBeNull();
    fireEvent.click(general);
    fireEvent.change(screen.getByLabelText("Level 1"), { target: { value: "Nothing." } });
    expect(plan.competencies[0]?.rubric).toEqual(["Nothing.", "", "", "", ""]);
  });
  it("lets a number be cleared and typed anew", () => {
    render(<Page start={EMPTY} />);
    fireEvent.change(screen.getByLabelText("Minutes"), { target: { value: "" } });
    expect(screen.getByLabelText("Minutes")).toHaveProperty("value", "");
    fireEvent.change(screen.getByLabelText("Minutes"), { target: { value: "45" } });
    expect(plan.duration_s).toBe(2700);
  });
  it("says at the field what is wrong, and leads there from the list, also into what is folded", () => {
    const faults = [fault("questions.0.competency"), fault("accommodations.notes", "string_too_long", "at most 1000"), fault("consent.required", "contradiction")];
    render(<Page start={EMPTY} faults={faults} />);
    expect(screen.getByLabelText("Measures").getAttribute("aria-invalid")).toBe("true");
    fireEvent.click(screen.getByRole("button", { name: "Question 1, Measures: this is missing" }));
    expect(document.activeElement).toBe(screen.getByLabelText("Measures"));
    const notes = screen.getByLabelText("Notes");
    expect(notes.closest("details")?.open).toBe(false);
    fireEvent.click(screen.getByRole("button", { name: "Notes: at most 1000 characters" }));
    expect(notes.closest("details")?.open).toBe(true);
    expect(document.activeElement).toBe(notes);
    fireEvent.click(screen.getByRole("button", { name: /^Without which/ }));
    expect(document.activeElement?.id).toBe("wrong-consent.required");
  });
});

describe("what is not saved yet", () => {
  const kept = { plan_id: "p1", version: 1, plan: { ...EMPTY, title: "Kept" }, shared: false } as PlanAnswer;
  const house = () => {
    const queries = new QueryClient();
    const wrapper = ({ children }: { children: ReactNode }) => <QueryClientProvider client={queries}>{children}</QueryClientProvider>;
    return (plan: PlanAnswer | undefined = kept) => renderHook(() => useDraft(plan), { wrapper });
  };
  const titled = (title: string) => ({ plan: { ...EMPTY, title } });

  it("is found again by who comes back, and can be thrown away", () => {
    const open = house();
    const first = open();
    expect(first.result.current.isChanged).toBe(false);
    act(() => first.result.current.change(titled("Changed")));
    first.unmount();
    const again = open();
    expect(again.result.current).toMatchObject({ plan: { title: "Changed" }, isChanged: true, isBack: true });
    expect(open({ ...kept, plan_id: "p2" }).result.current.isChanged).toBe(false);
    act(() => again.result.current.discard());
    expect(again.result.current).toMatchObject({ plan: { title: "Kept" }, isChanged: false, isBack: false });
    act(() => again.result.current.change(titled("Changed anew")));
    expect(again.result.current).toMatchObject({ isChanged: true, isBack: false });
    act(() => again.result.current.discard());
    again.unmount();
    expect(open().result.current.isChanged).toBe(false);
  });
  it("is of the version that it was begun from, whoever saves meanwhile", () => {
    const open = house();
    const first = open();
    act(() => first.result.current.change(titled("Changed")));
    first.unmount();
    expect(open({ ...kept, version: 2 }).result.current.saved?.version).toBe(1);
  });
  it("is gone once it was saved", () => {
    const open = house();
    const first = open();
    act(() => first.result.current.change(titled("Changed")));
    act(() => first.result.current.wasSaved({ ...kept, version: 2 }, { ...titled("Changed"), shared: false }));
    expect(first.result.current).toMatchObject({ isChanged: false, saved: { version: 2 } });
    first.unmount();
    expect(open({ ...kept, version: 2, ...titled("Changed") }).result.current.isChanged).toBe(false);
  });
  it("is asked about before the page is closed", () => {
    const { result } = house()();
    const closing = () => {
      const event = new Event("beforeunload", { cancelable: true });
      dispatchEvent(event);
      return event.defaultPrevented;
    };
    expect(closing()).toBe(false);
    act(() => result.current.change(titled("Changed")));
    expect(closing()).toBe(true);
  });
});
