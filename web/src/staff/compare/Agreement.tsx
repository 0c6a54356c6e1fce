import { useQuery } from "@tanstack/react-query";

import type { Schemas } from "../../api/client";
import { Notice } from "../../ui/parts";
import { TablePane } from "../lists";
import { Loaded } from "../parts";
import { agreement } from "../reviewing";
import { useTexts } from "../texts";

const FEW = 30;
type View = Schemas["AgreementView"];

/** How far people and model agree on a plan; only scores that were given before reading the model's count as people's own. */
export function Agreement({ plan_id, names }: { plan_id: string; names: ReadonlyMap<string, string> }) {
  const { t } = useTexts();
  const read = useQuery({ queryKey: ["agreement", plan_id], queryFn: () => agreement(plan_id) });
  return (
    <section className="card" aria-labelledby="agreement">
      <h2 id="agreement">{t("scores_agreement.title")}</h2>
      <p className="field-help">{t("scores_agreement.words")}</p>
      <Loaded query={read}>
        {(data) => (
          <>
            <TablePane label={t("scores_agreement.title")}>
              <table>
                <thead>
                  <tr>
                    <th scope="col">{t("scores_agreement.who")}</th>
                    <th scope="col">{t("scores_agreement.kappa")}</th>
                    <th scope="col">{t("scores_agreement.interval")}</th>
                    <th scope="col">{t("scores_agreement.n")}</th>
                    <th scope="col">{t("scores_agreement.exact")}</th>
                    <th scope="col">{t("scores_agreement.near")}</th>
                  </tr>
                </thead>
                <tbody>
                  <Row name={t("scores_agreement.blind")} view={data.blind} />
                  {Object.entries(data.by_competency).map(([id, view]) => (
                    <Row key={id} name={`– ${names.get(id) ?? id}`} view={view} />
                  ))}
                  <Row name={t("scores_agreement.seen")} view={data.seen} />
                  <Row name={t("scores_agreement.people")} view={data.people} />
                </tbody>
              </table>
            </TablePane>
            {[data.blind, data.seen, data.people].some((one) => one.n > 0 && one.n < FEW) ? <Notice tone="warn">{t("scores_agreement.few")}</Notice> : null}
            <p className="small soft">{t("scores_agreement.sessions", { count: data.sessions })}</p>
          </>
        )}
      </Loaded>
    </section>
  );
}

function Row({ name, view }: { name: string; view: View }) {
  const { t, number, percent } = useTexts();
  return (
    <tr>
      <th scope="row">{name}</th>
      <td className="number">{view.kappa === null ? t("scores_agreement.undefined") : number(view.kappa, 2, 2)}</td>
      <td className="number">{view.low === null ? t(view.n ? "scores_agreement.too_few" : "app.none") : `${number(view.low, 2, 2)} – ${number(view.high, 2, 2)}`}</td>
      <td className="number">{view.n}</td>
      <td className="number">{percent(view.exact)}</td>
      <td className="number">{percent(view.within_one)}</td>
    </tr>
  );
}
