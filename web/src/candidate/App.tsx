/** The candidate's way: invitation → what will happen → consent → devices → room → end; and back to where it was. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useCallback, useEffect, useState } from "react";
import { I18nProvider } from "react-aria-components";

import { callError } from "../api/calls";
import { type Language, LANGUAGES, preferred, type Texts, TextsProvider } from "../texts/texts";
import { Loading } from "../ui/parts";
import { About } from "./About";
import { openSeat, type Seat, type Way } from "./calls";
import { Consent } from "./Consent";
import { DeviceCheck, type Devices } from "./DeviceCheck";
import { Ended } from "./Ended";
import { Frame } from "./Frame";
import { agreed, placeOf } from "./place";
import { Queue } from "./Queue";
import { Closed, Early, Expired, Failed, Outage } from "./Standstill";
import { candidateTexts, useTexts } from "./texts";

const Room = lazy(() => import("./room/Room"));

type Step = "about" | "consent" | "check" | "queue" | "room" | "again";

export function App() {
  const [chosen, setChosen] = useState<Language | null>(null);
  const seat = useQuery({ queryKey: ["seat"], queryFn: openSeat, staleTime: Infinity, refetchOnWindowFocus: false });
  const spoken = LANGUAGES.find((language) => language === seat.data?.language);
  const language = chosen ?? spoken ?? preferred();
  useEffect(() => {
    document.documentElement.lang = language;
    document.title = seat.data?.title ?? "Viva";
  }, [language, seat.data?.title]);
  return (
    <I18nProvider locale={language}>
      <TextsProvider value={candidateTexts(language) as Texts<string>}>
        <Opened seat={seat} onLanguage={setChosen} />
      </TextsProvider>
    </I18nProvider>
  );
}

type SeatQuery = ReturnType<typeof useQuery<Seat>>;

function Opened({ seat, onLanguage }: { seat: SeatQuery; onLanguage: (language: Language) => void }) {
  const { t } = useTexts();
  const again = () => void seat.refetch();
  if (seat.data) return <Way seat={seat.data} onLanguage={onLanguage} />;
  return (
    <Frame onLanguage={onLanguage}>
      {seat.error ? (
        <Closed error={callError(seat.error)} onAgain={again} />
      ) : seat.failureReason ? (
        <Outage onAgain={again} />
      ) : (
        <Loading>{t("loading")}</Loading>
      )}
    </Frame>
  );
}

/** The steps of one who has been let in. What the server says of the session comes before what the page remembers. */
function Way({ seat, onLanguage }: { seat: Seat; onLanguage: (language: Language) => void }) {
  const queries = useQueryClient();
  const [step, setStep] = useState<Step>("about");
  const [way, setWay] = useState<Way | null>(null);
  const [devices, setDevices] = useState<Devices>({});
  const [said, setSaid] = useState("");
  const place = useNowPlace(seat);
  const changed = useCallback((news: Partial<Seat>) => queries.setQueryData<Seat>(["seat"], (old) => old && { ...old, ...news }), [queries]);
  const enter = useCallback((next: Way) => {
    setWay(next);
    setStep("room");
  }, []);
  const over = useCallback(
    (status: Seat["status"]) => {
      setWay(null);
      setStep("check");
      changed({ status });
    },
    [changed],
  );

  if (step === "room" && way && (place === "running" || place === "queue" || place === "before" || place === "failed")) {
    return (
      <Suspense fallback={<Waiting />}>
        <Room seat={seat} way={way} devices={devices} onOver={over} />
      </Suspense>
    );
  }
  const shell = (number: number, children: React.ReactNode) => (
    <Frame title={seat.title} step={number} seat={seat} onLanguage={onLanguage}>
      {children}
    </Frame>
  );
  const check = (failed: boolean) => (
    <DeviceCheck
      seat={seat}
      resumes={place === "running" || failed}
      onDevices={setDevices}
      onQueue={() => {
        changed({ status: "QUEUED" });
        setStep("queue");
      }}
      onEnter={enter}
    />
  );
  switch (place) {
    case "ended":
    case "declined":
      return shell(0, <Ended seat={seat} declined={place === "declined"} said={said} />);
    case "expired":
      return shell(0, <Expired seat={seat} />);
    case "early":
      return shell(0, <Early seat={seat} />);
    case "failed":
      return step === "again" ? shell(3, check(true)) : shell(0, <Failed onAgain={() => setStep("again")} />);
    case "running":
      return shell(3, check(false));
    case "queue":
      return shell(3, <Queue seat={seat} onEnter={enter} onOver={over} />);
    case "before":
      if (step === "consent" || (step === "check" && !agreed(seat))) {
        return shell(
          2,
          <Consent
            seat={seat}
            onBack={() => setStep("about")}
            onGiven={(given, status, message) => {
              setSaid(message);
              changed({ status, consent: { ...seat.consent, given } });
              setStep("check");
            }}
          />,
        );
      }
      if (step === "check") return shell(3, check(false));
      return shell(1, <About seat={seat} onNext={() => setStep("consent")} />);
  }
}

function Waiting() {
  const { t } = useTexts();
  return (
    <Frame>
      <Loading>{t("room.connecting")}</Loading>
    </Frame>
  );
}

/** The place as time goes on: what is too early now is not later. */
function useNowPlace(seat: Seat) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return placeOf(seat, now);
}
