import type { Prompt } from "../chatkit/types.js";

/** What chatsite/page_texts.py gives the scripts to say. */
export interface Texts {
  untitled: string;
  askForPerson: string;
  wantPerson: string;
  personFailed: string;
  useDark: string;
  useLight: string;
  goodMorning: string;
  goodAfternoon: string;
  goodEvening: string;
  greeting: string;
  subtitle: string;
  firstPlaceholder: string;
  placeholder: string;
  disclaimer: string;
  prompts: Prompt[];
  yourTrip: string;
  yourTripChanged: string;
  copyCode: string;
  codeCopied: string;
  flights: string;
  tripFailed: string;
  tryAgain: string;
  status: Record<string, string>;
  seat: string;
  bags: string;
  meal: string;
  standardMeal: string;
  assistance: string;
  traveller: string;
  member: string;
  points: string;
  pointsTowards: string;
  benefits: string;
  whatChanged: string;
}
