// Runs in every page before its own scripts: lets a test speak into the microphone, hear what the page plays, see what
// moves, and end connections.
(() => {
  const devices = navigator.mediaDevices;
  if (!devices) return;
  const given = devices.getUserMedia.bind(devices);
  const mouths = [];
  devices.getUserMedia = async (wanted) => {
    const stream = await given(wanted);
    if (!wanted.audio) return stream;
    const context = new AudioContext();
    const mouth = context.createMediaStreamDestination();
    context.createMediaStreamSource(stream).connect(mouth);
    mouths.push({ context, mouth });
    return new MediaStream([...mouth.stream.getAudioTracks(), ...stream.getVideoTracks()]);
  };
  // 16-bit samples at 24 kHz, as base64; resolves when they have been said
  window.testSay = async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const samples = new Int16Array(bytes.buffer);
    const { context, mouth } = mouths.at(-1);
    const buffer = context.createBuffer(1, samples.length, 24000);
    buffer.copyToChannel(Float32Array.from(samples, (sample) => sample / 32768), 0);
    const source = context.createBufferSource();
    source.buffer = buffer;
    source.connect(mouth);
    window.testSaid = new Promise((resolve) => {
      source.onended = resolve;
      source.start();
    });
    await window.testSaid;
  };
  // ends the page's connections as a browser does that has lost its network; what they carried is not told any more
  const lines = [];
  window.WebSocket = class extends WebSocket {
    constructor(...given) {
      super(...given);
      lines.push(this);
    }
  };
  window.testCutLines = () => {
    for (const line of lines.splice(0)) {
      line.dispatchEvent(new CloseEvent("close", { code: 1006 })); // its own comes only once the network answers
      line.onclose = line.onerror = line.onmessage = null;
      line.close();
    }
  };
  // how much of the page has moved by itself since this was set to 0, as the browser reckons it
  window.testShifted = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.testShifted += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
  // the loudest sample that was played so far by the page's audio elements, 0 to 1
  window.testLoudest = 0;
  const heard = new WeakSet();
  setInterval(() => {
    for (const element of document.querySelectorAll("audio")) {
      if (!element.srcObject || heard.has(element.srcObject)) continue;
      heard.add(element.srcObject);
      const context = new AudioContext();
      const analyser = context.createAnalyser();
      context.createMediaStreamSource(element.srcObject).connect(analyser);
      const samples = new Float32Array(analyser.fftSize);
      setInterval(() => {
        analyser.getFloatTimeDomainData(samples);
        for (const sample of samples) window.testLoudest = Math.max(window.testLoudest, Math.abs(sample));
      }, 50);
    }
  }, 200);
})();
