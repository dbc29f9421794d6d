// The pictures of the elements' own controls, on a 24 by 24 grid. Single constants, so that a bundle carries only
// the ones it draws.

export const CLOUD_OFF =
  "M3.5 3.5l17 17M8.2 8.1A5 5 0 0 0 7.7 9 4.3 4.3 0 0 0 7.5 17.5h9.9M11 6.3A5.5 5.5 0 0 1 16.8 10.5h.4a3.5 3.5 0 0 1 2.7 5.7";
export const CROSS = "M6.5 6.5l11 11M17.5 6.5l-11 11";
export const TICK = "M5 12.5l4.5 4.5L19 7";
export const PLUS = "M12 5v14M5 12h14";
export const BACK = "M15 5.5 8.5 12l6.5 6.5";
export const FORTH = "M9 5.5l6.5 6.5L9 18.5";
export const DOWN = "M6 9l6 6 6-6";
export const LOCK =
  "M6.5 11h11a1 1 0 0 1 1 1v7a1 1 0 0 1-1 1h-11a1 1 0 0 1-1-1v-7a1 1 0 0 1 1-1ZM8.5 11V8a3.5 3.5 0 0 1 7 0v3";
export const MAIL =
  "M4.5 5.5h15a1 1 0 0 1 1 1v11a1 1 0 0 1-1 1h-15a1 1 0 0 1-1-1v-11a1 1 0 0 1 1-1ZM4 7l8 6 8-6";
export const CHAT =
  "M20.5 11.7a8 8 0 0 1-8.2 7.8 8.5 8.5 0 0 1-3.6-.8L4 20l1.4-4a7.5 7.5 0 0 1-1.2-4.2A8 8 0 0 1 12.3 4a8 8 0 0 1 8.2 7.7Z";
export const BELL =
  "M6 10a6 6 0 0 1 12 0c0 4.2 1.2 5.8 2.1 6.7a.5.5 0 0 1-.4.8H4.3a.5.5 0 0 1-.4-.8C4.8 15.8 6 14.2 6 10ZM9.7 20.5a2.6 2.6 0 0 0 4.6 0";
/** Slack's hash of rounded strokes, drawn in one colour. */
export const SLACK =
  "M9.5 3.5a1.7 1.7 0 0 0 0 3.4h1.7V5.2a1.7 1.7 0 0 0-1.7-1.7ZM9.5 8.9H5.2a1.7 1.7 0 0 0 0 3.4h4.3a1.7 1.7 0 0 0 0-3.4ZM20.5 10.6a1.7 1.7 0 0 0-3.4 0v1.7h1.7a1.7 1.7 0 0 0 1.7-1.7ZM15.1 10.6V5.2a1.7 1.7 0 0 0-3.4 0v5.4M14.5 20.5a1.7 1.7 0 0 0 0-3.4h-1.7v1.7a1.7 1.7 0 0 0 1.7 1.7ZM14.5 15.1h4.3a1.7 1.7 0 0 0 0-3.4M3.5 13.4a1.7 1.7 0 0 0 3.4 0M8.9 13.4v5.4a1.7 1.7 0 0 0 3.4 0v-5.4";
export const TEAMS =
  "M4 7.5h9v9H4ZM6.5 10h4M8.5 10v4.5M13 9.5h6v5.5a4 4 0 0 1-6.2 3.3M16.7 3.8a1.9 1.9 0 1 1 0 3.8 1.9 1.9 0 0 1 0-3.8Z";
export const PHONE = "M8 3.5h8a1 1 0 0 1 1 1v15a1 1 0 0 1-1 1H8a1 1 0 0 1-1-1v-15a1 1 0 0 1 1-1ZM11 17.5h2";
export const CALL =
  "M5.5 4h3l1.6 4.2-2 1.6a12 12 0 0 0 6.1 6.1l1.6-2 4.2 1.6v3a1.5 1.5 0 0 1-1.6 1.5A15 15 0 0 1 4 5.6 1.5 1.5 0 0 1 5.5 4Z";
export const HOOK =
  "M9.2 14.6a3.6 3.6 0 1 1-4-4.9M12 4.2a3.4 3.4 0 0 1 2.9 5.2l3 5M12 7.5l-3.4 6M6.2 15.6h9M17.8 11.2a3.9 3.9 0 1 1-2.7 6.7";
export const BIN = "M4.5 6.5h15M9.5 6.5v-2h5v2M6.5 6.5l.8 13h9.4l.8-13M10 10.5v5.5M14 10.5v5.5";
export const PENCIL =
  "M5 19l.9-3.9L16.2 4.8a1.4 1.4 0 0 1 2 0l1 1a1.4 1.4 0 0 1 0 2L8.9 18.1 5 19ZM14.5 6.5l3 3";
export const SEND =
  "M20.5 3.5 3.8 9.6a.4.4 0 0 0 0 .8l6.7 3.1 3.1 6.7a.4.4 0 0 0 .8 0L20.5 3.5ZM10.5 13.5l4-4";
export const MORE =
  "M6 11.4a.6.6 0 1 1 0 1.2.6.6 0 0 1 0-1.2ZM12 11.4a.6.6 0 1 1 0 1.2.6.6 0 0 1 0-1.2ZM18 11.4a.6.6 0 1 1 0 1.2.6.6 0 0 1 0-1.2Z";
export const COPY =
  "M9 8.5h9.5a1 1 0 0 1 1 1V19a1 1 0 0 1-1 1H9a1 1 0 0 1-1-1V9.5a1 1 0 0 1 1-1ZM5 15.5a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1h9.5a1 1 0 0 1 1 1";
export const AGAIN = "M19.5 12a7.5 7.5 0 1 1-2.2-5.3l2.2 2.1M19.5 4v4.8h-4.8";
export const PAUSE = "M8.5 5.5v13M15.5 5.5v13";
export const PLAY = "M7.5 5v14l11-7-11-7Z";
export const KEY =
  "M14.8 3.8a5.4 5.4 0 1 1-2.4 10.2L10 16.5H7.5V19H4v-3.3l6-6a5.4 5.4 0 0 1 4.8-5.9ZM16 8.5v.01";
export const SEARCH = "M10.8 4.5a6.3 6.3 0 1 1 0 12.6 6.3 6.3 0 0 1 0-12.6ZM15.5 15.5l4.5 4.5";
export const MOON = "M19.5 14.2A8 8 0 0 1 9.8 4.5a8 8 0 1 0 9.7 9.7Z";
export const GRID = "M4.5 4.5h6v6h-6ZM13.5 4.5h6v6h-6ZM4.5 13.5h6v6h-6ZM13.5 13.5h6v6h-6Z";
export const ARCHIVE = "M4 5h16v4H4ZM5.5 9v9.5a1 1 0 0 0 1 1h11a1 1 0 0 0 1-1V9M10 13h4";
export const WARNING = "M12 4 2.9 19.2a.6.6 0 0 0 .5.9h17.2a.6.6 0 0 0 .5-.9L12 4ZM12 10v4.2M12 17.2v.01";
export const DOT = "M12 8.5a3.5 3.5 0 1 1 0 7 3.5 3.5 0 0 1 0-7Z";
export const RING = "M12 7a5 5 0 1 1 0 10 5 5 0 0 1 0-10Z";
