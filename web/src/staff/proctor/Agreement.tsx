/** How far two people agree who judge the same incident, as figures and as a table of pairs. */

import { useQuery } from "@tanstack/react-query";

import { PageTitle } from "../../ui/parts";
import { Fact } from "../Account";
import { TablePane } from "../lists";
import { Loaded } from "../parts";
import { useTexts } from "../texts";
import { agreement } from "./calls";
import { VERDICTS } from "./keys";

type Figures = Awaited<ReturnType<typeof agreement>>;

export default function Agreement() {
  const { t } = useTexts();
  const figures = useQuery({ queryKey: ["agreement"], queryFn: agreement, refetchInterval: 60_000 });
  return (
    <>
      <div className="stack stack-s">
        <PageTitle>{t("agreement.title")}</PageTitle>
        <p className="soft">{t("agreement.words")}</p>
      </div>
      <Loaded query={figures}>
        {(data) => (
          <>
            <Kappa data={data} />
            <div className="review">
              <Counts title={t("agreement.by_state")} counts={data.by_state} name={(key, maybe) => maybe(`review.state.${key}`, key)} />
              <Counts title={t("agreement.by_verdict")} counts={data.by_verdict} name={(key, maybe) => maybe(`review.decided.${key}`, key)} />
              <Counts title={t("agreement.by_user")} counts={data.by_user} name={(key) => data.people[key] ?? t("queue.somebody")} />
            </div>
          </>
        )}
      </Loaded>
    </>
  );
}

function Kappa({ data }: { data: Figures }) {
  const { t, number, percent } = useTexts();
  if (data.n === 0) return <p className="card">{t("agreement.none")}</p>;
  return (
    <section className="card">
      <dl className="facts">
        <Fact name={t("agreement.kappa")} value={number(data.kappa, 2, 2)} />
        <Fact name={t("agreement.n")} value={String(data.n)} />
        <Fact name={t("agreement.observed")} value={percent(data.observed)} />
        <Fact name={t("agreement.expected")} value={percent(data.expected)} />
      </dl>
      <TablePane label={t("agreement.pairs")}>
        <table>
          <caption className="visually-hidden">{t("agreement.pairs")}</caption>
          <thead>
            <tr>
              <th scope="col">{t("agreement.first")}</th>
              {VERDICTS.map((second) => (
                <th key={second} scope="col">
                  {t(`review.decided.${second}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {VERDICTS.map((first) => (
              <tr key={first}>
                <th scope="row">{t(`review.decided.${first}`)}</th>
                {VERDICTS.map((second) => (
                  <td key={second} className={`number ${first === second ? "strong" : ""}`}>
                    {data.pairs[`${first}/${second}`] ?? 0}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </TablePane>
    </section>
  );
}

interface CountsProps {
  title: string;
  counts: Readonly<Record<string, number>>;
  name: (key: string, maybe: (key: string, fallback: string) => string) => string;
}

function Counts({ title, counts, name }: CountsProps) {
  const { t, maybe } = useTexts();
  const rows = Object.entries(counts).sort(([, one], [, next]) => next - one);
  return (
    <section className="card">
      <h2>{title}</h2>
      {rows.length ? (
        <dl className="facts">
          {rows.map(([key, count]) => (
            <Fact key={key} name={name(key, maybe)} value={String(count)} />
          ))}
        </dl>
      ) : (
        <p className="soft">{t("app.none")}</p>
      )}
    </section>
  );
}
