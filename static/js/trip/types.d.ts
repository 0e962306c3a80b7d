/** A customer's profile as `/support/customer` and the effect `customer_profile/update` give it. */
export interface Profile {
  customer_id: string;
  revision: number;
  /** The language of what we say in it, by Django's code. */
  language: string;
  name: string;
  loyalty_status: string;
  member_since: number;
  tier_benefits: string[];
  loyalty_progress: {
    current_tier: string;
    next_tier: string;
    points_earned: number;
    points_required: number;
    segments_flown: number;
    segments_required: number;
  };
  booking_reference: string;
  segments: Segment[];
  bags_checked: number;
  meal_preference: string | null;
  special_assistance: string | null;
  timeline: { timestamp: string; kind: string; entry: string }[];
}

export interface Segment {
  flight_number: string;
  date: string;
  origin: string;
  origin_city: string;
  destination: string;
  destination_city: string;
  departure_time: string;
  arrival_time: string;
  seat: string;
  cabin: string;
  status: string;
}
