/** Selection rates and impact ratios by groups that are given here, used for one answer and stored nowhere. */

import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";

import { offer } from "../../api/calls";
import type { Schemas } from "../../api/client";
import { Button, Field, Notice } from "../../ui/parts";
import { FileButton, TablePane } from "../lists";
import { Problem } from "../parts";
import { impact, impactFile } from "../reviewing";
import { useTexts } from "../texts";
import { groupsOf, linesFor, MAX_GROUPED } from "./groups";

export function Impact({ plan_id, rows }: { plan_id: string; rows: readonly Schemas["ComparedRow"][] }) {
  const { t } = useTexts();
  const [text, setText] = useState("");
  const { groups, wrong } = groupsOf(text);
  const counting = useMutation({ mutationFn: () => impact({ plan_id, groups }) });
  const saving = useMutation({ mutationFn: () => impactFile({ plan_id, groups }), onSuccess: ({ blob, name }) => offer(blob, name) });
  const failed = counting.error ?? saving.error;
  const fits = groups.length > 0 && groups.length <= MAX_GROUPED && !wrong.length;
  const go = (event: FormEvent) => {
    event.preventDefault();
    counting.mutate();
  };
  return (
    <section className="card" aria-labelledby="impact">
      <h2 id="impact">{t("impact.title")}</h2>
      <p className="field-help">{t("impact.words")}</p>
      <form className="stack" onSubmit={go}>
        <Field
          label={t("impact.groups")}
          help={t("impact.groups.help", { most: MAX_GROUPED })}
          error={wrong.length ? t("impact.wrong", { lines: wrong.slice(0, 10).join(", ") }) : undefined}
          rows={6}
          code
          value={text}
          onChange={setText}
        />
        <div className="row">
          <FileButton accept=".csv,.txt,text/csv" onFile={(file) => void file.text().then(setText)}>
            {t("impact.file")}
          </FileButton>
          <Button look="quiet" onPress={() => setText(linesFor(rows.map((row) => row.session_id)))}>
            {t("impact.fill")}
          </Button>
        </div>
        {failed ? <Problem error={failed} /> : null}
        <div className="row">
          <Button type="submit" isDisabled={!fits} isPending={counting.isPending}>
            {t("impact.go")}
          </Button>
          <Button look="quiet" isDisabled={!fits} isPending={saving.isPending} onPress={() => saving.mutate()}>
            {t("impact.csv")}
          </Button>
        </div>
      </form>
      {counting.data ? <Result found={counting.data} /> : null}
    </section>
  );
}

const WARNED = ["small_group", "few_selected"];

function Result({ found }: { found: Schemas["ImpactAnswer"] }) {
  const { t, maybe, number, percent } = useTexts();
  const small = found.groups.some((one) => one.warnings.some((warning) => WARNED.includes(warning)));
  return (
    <>
      {small ? <Notice tone="warn">{t("impact.small")}</Notice> : null}
      <p>{t("impact.counts", { decided: found.decided, undecided: found.undecided, unknown: found.unknown })}</p>
      <TablePane label={t("impact.title")}>
        <table>
          <thead>
            <tr>
              {(["group", "decided", "selected", "rate", "ratio", "p", "warnings"] as const).map((name) => (
                <th key={name} scope="col">
                  {t(`impact.${name}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {found.groups.map((one) => (
              <tr key={one.group}>
                <th scope="row">{one.group}</th>
                <td className="number">{one.n}</td>
                <td className="number">{one.selected}</td>
                <td className="number">
                  {one.rate === null ? t("app.none") : `${percent(one.rate, 1)} (${percent(one.rate_low, 1)} – ${percent(one.rate_high, 1)})`}
                </td>
                <td className="number">{number(one.impact_ratio, 3)}</td>
                <td className="number">{number(one.p, 3)}</td>
                <td className="small">{one.warnings.map((warning) => maybe(`impact.warning.${warning}`, warning)).join("; ")}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </TablePane>
    </>
  );
}
