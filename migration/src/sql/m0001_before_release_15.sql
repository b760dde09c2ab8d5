-- The first stone. One text serves both stores: types are PostgreSQL's and are translated for SQLite in
-- lib.rs; a line behind `-- postgres:` or `-- sqlite:` is for that store alone. Statements end with `;` at the
-- end of a line. The rules worth most are held here, where no code path can go around them:
--   * every case has exactly one owner: an active employee of its seller (keys of "case", ownership and staff);
--   * every seller has an accountable person, active and its own;
--   * a case's events are numbered without doubles, and so is each seller's feed;
--   * the same key, Message-ID or call id is accepted once.

CREATE TABLE seller (
  id uuid PRIMARY KEY,
  version bigint NOT NULL,
  name text NOT NULL,
  language text NOT NULL CHECK (language IN ('SV', 'EN')),
  accountable_id uuid NOT NULL,
  accountable_active boolean NOT NULL DEFAULT true CHECK (accountable_active),
  -- How soon customers hear from it where no service level says otherwise.
  times jsonb NOT NULL,
  handover_hours integer NOT NULL CHECK (handover_hours BETWEEN 1 AND 720),
  -- When it is open: zone, hours, holidays, own days. Former ones are in past_calendar.
  calendar jsonb NOT NULL,
  calendar_number bigint NOT NULL CHECK (calendar_number >= 1),
  calendar_since timestamptz NOT NULL,
  -- Rules of the legal clocks that its cases have.
  legal_clocks jsonb NOT NULL,
  -- The page where customers follow their cases; letters add the token as its fragment.
  tracking_url text,
  -- Whether its staff are told by mail of what happens to their cases, and whether these mails quote the customer.
  notices_by_mail boolean NOT NULL,
  notices_with_words boolean NOT NULL,
  -- A page of the company's own where staff see a case; {reference} stands for the case's reference.
  desk_url text,
  -- Counted up when categories, products or deliveries change, so that what was read of them can be kept.
  catalogue_version bigint NOT NULL,
  created_at timestamptz NOT NULL
  -- sqlite: , FOREIGN KEY (accountable_id, id, accountable_active) REFERENCES staff (id, seller_id, active)
  -- sqlite:     DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE staff (
  id uuid PRIMARY KEY,
  version bigint NOT NULL,
  seller_id uuid NOT NULL REFERENCES seller (id) DEFERRABLE INITIALLY DEFERRED,
  name text NOT NULL,
  email text NOT NULL,
  role text NOT NULL CHECK (role IN ('OWNER', 'MANAGER', 'ADMINISTRATOR', 'PLATFORM_ADMINISTRATOR')),
  language text NOT NULL CHECK (language IN ('SV', 'EN')),
  active boolean NOT NULL,
  -- Open cases they carry at most.
  capacity integer NOT NULL CHECK (capacity BETWEEN 0 AND 100000),
  skills jsonb NOT NULL,
  -- NULL: the seller's business hours.
  working_hours jsonb,
  -- Of what they are told by mail, and when, where it is not as usual.
  notices jsonb NOT NULL,
  created_at timestamptz NOT NULL,
  deactivated_at timestamptz,
  -- The last event of the seller's feed they may still be told of.
  ended_seq bigint,
  UNIQUE (id, seller_id),
  UNIQUE (id, seller_id, active),
  UNIQUE (seller_id, email),
  CHECK (active = (deactivated_at IS NULL))
);

-- How many open cases a person owns, so that nobody has to count them. Counted by each act that changes it, in the
-- statement that counts the feed up.
CREATE TABLE staff_load (
  staff_id uuid PRIMARY KEY REFERENCES staff (id),
  open_cases bigint NOT NULL CHECK (open_cases >= 0)
);

-- postgres: ALTER TABLE seller ADD FOREIGN KEY (accountable_id, id, accountable_active)
-- postgres:   REFERENCES staff (id, seller_id, active) DEFERRABLE INITIALLY DEFERRED;

-- Times when a person takes no new cases, past ones too: "why not Anna?" has an answer afterwards.
CREATE TABLE absence (
  id uuid PRIMARY KEY,
  staff_id uuid NOT NULL,
  seller_id uuid NOT NULL,
  starts_at timestamptz NOT NULL,
  ends_at timestamptz NOT NULL,
  CHECK (ends_at > starts_at),
  FOREIGN KEY (staff_id, seller_id) REFERENCES staff (id, seller_id)
);
CREATE INDEX absence_by_staff ON absence (staff_id, ends_at);

-- How soon customers hear from us, by name; a rule may give one to a case.
CREATE TABLE service_level (
  id uuid PRIMARY KEY,
  version bigint NOT NULL,
  seller_id uuid NOT NULL REFERENCES seller (id),
  name text NOT NULL,
  times jsonb NOT NULL,
  -- Cases of this priority, and of this category or one under it, have this level where no rule gives another.
  priority text CHECK (priority IN ('LOW', 'NORMAL', 'HIGH', 'URGENT')),
  category text,
  created_at timestamptz NOT NULL,
  UNIQUE (id, seller_id),
  UNIQUE (seller_id, name)
);

CREATE TABLE team (
  id uuid PRIMARY KEY,
  version bigint NOT NULL,
  seller_id uuid NOT NULL REFERENCES seller (id),
  name text NOT NULL,
  lead_id uuid NOT NULL,
  lead_active boolean NOT NULL DEFAULT true CHECK (lead_active),
  -- NULL: the seller's. The number counts its changes, 0 when it never had one of its own.
  calendar jsonb,
  calendar_number bigint NOT NULL CHECK (calendar_number >= 0),
  calendar_since timestamptz,
  created_at timestamptz NOT NULL,
  UNIQUE (id, seller_id),
  UNIQUE (seller_id, name),
  FOREIGN KEY (lead_id, seller_id, lead_active) REFERENCES staff (id, seller_id, active)
    DEFERRABLE INITIALLY DEFERRED
);

-- Calendars that were replaced, so that what a clock was counted on can be explained afterwards.
CREATE TABLE past_calendar (
  id uuid PRIMARY KEY,
  seller_id uuid NOT NULL REFERENCES seller (id),
  -- NULL: the seller's own.
  team_id uuid,
  number bigint NOT NULL,
  -- NULL: the team had none of its own and went by the seller's.
  content jsonb,
  since timestamptz,
  until timestamptz NOT NULL,
  replaced_by uuid,
  FOREIGN KEY (team_id, seller_id) REFERENCES team (id, seller_id),
  FOREIGN KEY (replaced_by, seller_id) REFERENCES staff (id, seller_id)
);
CREATE UNIQUE INDEX past_calendar_of_seller ON past_calendar (seller_id, number) WHERE team_id IS NULL;
CREATE UNIQUE INDEX past_calendar_of_team ON past_calendar (team_id, number) WHERE team_id IS NOT NULL;

-- Open times that are counted anew after a calendar or a service level changed: how far it has come.
CREATE TABLE recount (
  id uuid PRIMARY KEY,
  seller_id uuid NOT NULL REFERENCES seller (id),
  asked_at timestamptz NOT NULL,
  -- The last case that was looked at; NULL before the first.
  after_opened_at timestamptz,
  after_id uuid,
  -- Open cases that were counted, and those of them of which a time moved.
  cases bigint NOT NULL,
  moved bigint NOT NULL,
  finished_at timestamptz,
  CHECK ((after_id IS NULL) = (after_opened_at IS NULL))
);
CREATE INDEX recount_open ON recount (asked_at) WHERE finished_at IS NULL;
CREATE INDEX recount_by_seller ON recount (seller_id, asked_at);

CREATE TABLE team_member (
  team_id uuid NOT NULL,
  staff_id uuid NOT NULL,
  seller_id uuid NOT NULL,
  PRIMARY KEY (team_id, staff_id),
  FOREIGN KEY (team_id, seller_id) REFERENCES team (id, seller_id),
  FOREIGN KEY (staff_id, seller_id) REFERENCES staff (id, seller_id)
);
CREATE INDEX team_member_staff ON team_member (staff_id);

CREATE TABLE partner (
  id uuid PRIMARY KEY,
  version bigint NOT NULL,
  seller_id uuid NOT NULL REFERENCES seller (id),
  name text NOT NULL,
  active boolean NOT NULL,
  ended_seq bigint,
  created_at timestamptz NOT NULL,
  UNIQUE (id, seller_id),
  UNIQUE (seller_id, name)
);

-- A seller's tree of categories, its products, and who delivers what.
CREATE TABLE category (
  id uuid PRIMARY KEY,
  version bigint NOT NULL,
  seller_id uuid NOT NULL REFERENCES seller (id),
  parent_id uuid,
  name text NOT NULL,
  -- The name without regard to case, by which a complaint's word finds it.
  folded text NOT NULL,
  created_at timestamptz NOT NULL,
  UNIQUE (id, seller_id),
  UNIQUE (seller_id, folded),
  CHECK (parent_id <> id),
  FOREIGN KEY (parent_id, seller_id) REFERENCES category (id, seller_id)
);

CREATE TABLE product (
  id uuid PRIMARY KEY,
  version bigint NOT NULL,
  seller_id uuid NOT NULL REFERENCES seller (id),
  category_id uuid,
  name text NOT NULL,
  folded text NOT NULL,
  created_at timestamptz NOT NULL,
  UNIQUE (id, seller_id),
  UNIQUE (seller_id, folded),
  FOREIGN KEY (category_id, seller_id) REFERENCES category (id, seller_id)
);

CREATE TABLE delivery (
  id uuid PRIMARY KEY,
  seller_id uuid NOT NULL REFERENCES seller (id),
  partner_id uuid NOT NULL,
  category_id uuid,
  product_id uuid,
  CHECK ((category_id IS NULL) <> (product_id IS NULL)),
  UNIQUE (partner_id, category_id),
  UNIQUE (partner_id, product_id),
  FOREIGN KEY (partner_id, seller_id) REFERENCES partner (id, seller_id),
  FOREIGN KEY (category_id, seller_id) REFERENCES category (id, seller_id),
  FOREIGN KEY (product_id, seller_id) REFERENCES product (id, seller_id)
);
CREATE INDEX delivery_by_seller ON delivery (seller_id);

CREATE TABLE partner_contact (
  id uuid PRIMARY KEY,
  version bigint NOT NULL,
  partner_id uuid NOT NULL REFERENCES partner (id),
  name text NOT NULL,
  email text NOT NULL,
  -- What the service writes to them.
  language text NOT NULL CHECK (language IN ('SV', 'EN')),
  -- Whether their company's tasks are mailed to them, with a link to a page where they answer.
  tasks_by_mail boolean NOT NULL,
  active boolean NOT NULL,
  ended_seq bigint,
  created_at timestamptz NOT NULL,
  UNIQUE (partner_id, email)
);
-- With which account at an identity provider somebody signs in. An account is one person's, and a person has one account
-- at an issuer.
CREATE TABLE sign_in (
  issuer text NOT NULL,
  subject text NOT NULL,
  staff_id uuid REFERENCES staff (id),
  partner_contact_id uuid REFERENCES partner_contact (id),
  linked_at timestamptz NOT NULL,
  PRIMARY KEY (issuer, subject),
  UNIQUE (staff_id, issuer),
  UNIQUE (partner_contact_id, issuer),
  CHECK ((staff_id IS NULL) <> (partner_contact_id IS NULL))
);
CREATE INDEX partner_contact_mailed ON partner_contact (partner_id, created_at, id) WHERE tasks_by_mail;

-- A system of the seller's, or of one of its partners.
CREATE TABLE api_client (
  id uuid PRIMARY KEY,
  version bigint NOT NULL,
  seller_id uuid NOT NULL REFERENCES seller (id),
  partner_id uuid,
  name text NOT NULL,
  scopes jsonb NOT NULL,
  active boolean NOT NULL,
  ended_seq bigint,
  created_at timestamptz NOT NULL,
  FOREIGN KEY (partner_id, seller_id) REFERENCES partner (id, seller_id)
);
-- A name is unique among the seller's own, and among each partner's own.
CREATE UNIQUE INDEX api_client_name ON api_client (seller_id, name) WHERE partner_id IS NULL;
CREATE UNIQUE INDEX api_client_name_at_partner ON api_client (partner_id, name) WHERE partner_id IS NOT NULL;

-- What a client shows to get short tokens. Two may stand at a time, so that one can be changed for the other.
CREATE TABLE client_secret (
  id uuid PRIMARY KEY,
  version bigint NOT NULL,
  client_id uuid NOT NULL REFERENCES api_client (id),
  seller_id uuid NOT NULL REFERENCES seller (id),
  hash bytea NOT NULL UNIQUE,
  created_at timestamptz NOT NULL,
  revoked_at timestamptz,
  ended_seq bigint
);
CREATE INDEX client_secret_by_client ON client_secret (client_id, created_at);

-- A publishable key is public by nature: it stands in the page's source, so it is stored as it is.
CREATE TABLE widget (
  id uuid PRIMARY KEY,
  version bigint NOT NULL,
  seller_id uuid NOT NULL REFERENCES seller (id),
  name text NOT NULL,
  publishable_key text NOT NULL UNIQUE,
  active boolean NOT NULL,
  -- The categories that the form offers, with the questions of each.
  form jsonb NOT NULL,
  created_at timestamptz NOT NULL,
  UNIQUE (seller_id, name)
);

-- Pages that may use a widget's key in a browser. Without any, the operator's list counts.
CREATE TABLE widget_origin (
  origin text NOT NULL,
  widget_id uuid NOT NULL REFERENCES widget (id),
  PRIMARY KEY (origin, widget_id)
);
CREATE INDEX widget_origin_by_widget ON widget_origin (widget_id, origin);

CREATE TABLE rule_set (
  id uuid PRIMARY KEY,
  seller_id uuid NOT NULL REFERENCES seller (id),
  version bigint NOT NULL CHECK (version >= 1),
  rules jsonb NOT NULL,
  published_at timestamptz NOT NULL,
  published_by uuid NOT NULL,
  UNIQUE (seller_id, version)
);

CREATE TABLE customer (
  id uuid PRIMARY KEY,
  version bigint NOT NULL,
  seller_id uuid NOT NULL REFERENCES seller (id),
  name text,
  -- The same in the form that names are compared in, ordered by its bytes, so that a beginning is a range.
  -- postgres: name_key text COLLATE "C",
  -- sqlite: name_key text,
  language text NOT NULL CHECK (language IN ('SV', 'EN')),
  tier text,
  -- Counted up when the customer's tracking tokens are revoked. Tokens that are made later are derived from it.
  token_generation integer NOT NULL,
  created_at timestamptz NOT NULL,
  UNIQUE (id, seller_id)
);
CREATE INDEX customer_by_seller ON customer (seller_id, created_at, id);
CREATE INDEX customer_by_tier ON customer (seller_id, tier, created_at, id) WHERE tier IS NOT NULL;
CREATE INDEX customer_by_name ON customer (seller_id, name_key, id) WHERE name_key IS NOT NULL;
CREATE INDEX customer_by_tier_and_name ON customer (seller_id, tier, name_key, id)
  WHERE tier IS NOT NULL AND name_key IS NOT NULL;

-- Addresses a customer gave. An e-mail address leads to one customer of a seller; a telephone number may be
-- several people's (a household, a switchboard), so only (number, customer) is unique.
CREATE TABLE customer_email (
  seller_id uuid NOT NULL,
  address text NOT NULL,
  customer_id uuid NOT NULL,
  -- Whether staff added the address to a customer who was known by another one. What a letter to it opens is narrower.
  added_by_staff boolean NOT NULL,
  PRIMARY KEY (seller_id, address),
  FOREIGN KEY (customer_id, seller_id) REFERENCES customer (id, seller_id)
);
CREATE INDEX customer_email_customer ON customer_email (customer_id);

CREATE TABLE customer_phone (
  seller_id uuid NOT NULL,
  e164 text NOT NULL,
  customer_id uuid NOT NULL,
  PRIMARY KEY (seller_id, e164, customer_id),
  FOREIGN KEY (customer_id, seller_id) REFERENCES customer (id, seller_id)
);
CREATE INDEX customer_phone_customer ON customer_phone (customer_id);

-- References for people: C-2026-000123. Holes are fine, doubles are not.
-- postgres: CREATE SEQUENCE case_reference;
-- sqlite: CREATE TABLE case_reference (one integer PRIMARY KEY CHECK (one = 1), last bigint NOT NULL);
-- sqlite: INSERT INTO case_reference (one, last) VALUES (1, 0);

CREATE TABLE "case" (
  id uuid PRIMARY KEY,
  seller_id uuid NOT NULL REFERENCES seller (id),
  reference text NOT NULL UNIQUE,
  version bigint NOT NULL CHECK (version >= 1),
  owner_id uuid NOT NULL,
  owner_seq bigint NOT NULL,
  owner_open boolean NOT NULL DEFAULT true CHECK (owner_open),
  owner_active boolean NOT NULL DEFAULT true CHECK (owner_active),
  customer_id uuid NOT NULL,
  -- What the customer called themselves when the case was opened; NULL when nobody said.
  customer_name text,
  channel text NOT NULL CHECK (channel IN ('WEB', 'EMAIL', 'PHONE', 'PARTNER', 'POST', 'FAX', 'REFERRAL', 'VISIT')),
  subject text NOT NULL,
  category text,
  -- The same in the form that names are compared in.
  category_key text,
  product text,
  language text NOT NULL CHECK (language IN ('SV', 'EN')),
  order_reference text,
  -- The same in the form that references are compared in.
  order_key text,
  order_amount_minor bigint,
  order_currency text,
  remedy_sought text,
  priority text NOT NULL CHECK (priority IN ('LOW', 'NORMAL', 'HIGH', 'URGENT')),
  stage text NOT NULL CHECK (stage IN ('RECEIVED', 'ACKNOWLEDGED', 'INVESTIGATING', 'CLOSED', 'MERGED')),
  severity text CHECK (severity IN ('MINOR', 'MODERATE', 'SEVERE', 'CRITICAL')),
  tags jsonb NOT NULL,
  service_level_id uuid,
  merged_into uuid,
  not_understood boolean NOT NULL,
  received_at timestamptz NOT NULL,
  opened_at timestamptz NOT NULL,
  -- The time of the last event; no later event has an earlier time.
  last_event_at timestamptz NOT NULL,
  closed_at timestamptz,
  next_contact_due timestamptz,
  last_message_id uuid,
  -- How often the customer had to ask, and when last.
  times_chased integer NOT NULL DEFAULT 0,
  last_chased_at timestamptz,
  UNIQUE (id, seller_id),
  UNIQUE (id, owner_id),
  CHECK ((order_amount_minor IS NULL) = (order_currency IS NULL)),
  CHECK ((stage IN ('CLOSED', 'MERGED')) = (closed_at IS NOT NULL)),
  CHECK ((stage IN ('CLOSED', 'MERGED')) = (next_contact_due IS NULL)),
  CHECK ((stage = 'MERGED') = (merged_into IS NOT NULL)),
  CHECK (merged_into <> id),
  FOREIGN KEY (merged_into, seller_id) REFERENCES "case" (id, seller_id),
  -- Who owns the case that goes on answers for what was merged into it.
  FOREIGN KEY (merged_into, owner_id) REFERENCES "case" (id, owner_id) DEFERRABLE INITIALLY DEFERRED,
  FOREIGN KEY (service_level_id, seller_id) REFERENCES service_level (id, seller_id),
  FOREIGN KEY (customer_id, seller_id) REFERENCES customer (id, seller_id),
  FOREIGN KEY (owner_id, seller_id, owner_active) REFERENCES staff (id, seller_id, active)
    DEFERRABLE INITIALLY DEFERRED
  -- sqlite: , FOREIGN KEY (id, owner_seq, owner_id, owner_open)
  -- sqlite:     REFERENCES ownership (case_id, seq, owner_id, is_open) DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX case_by_seller ON "case" (seller_id, opened_at, id);
-- A list by stage or channel is merged from one stretch of these for each stage and channel that is asked for.
CREATE INDEX case_by_stage ON "case" (seller_id, stage, channel, opened_at, id);
-- The seller stands at the end so that a list is counted from the index alone.
CREATE INDEX case_by_owner ON "case" (owner_id, stage, channel, opened_at, id, seller_id);
-- The other orders of a list of cases: of a seller, and of an owner.
CREATE INDEX case_by_change ON "case" (seller_id, stage, last_event_at, id);
CREATE INDEX case_of_owner_by_change ON "case" (owner_id, stage, last_event_at, id);
CREATE INDEX case_by_priority ON "case" (seller_id, priority, stage, opened_at, id);
CREATE INDEX case_of_owner_by_priority ON "case" (owner_id, priority, stage, opened_at, id);
CREATE INDEX case_by_next_contact ON "case" (seller_id, next_contact_due, id) WHERE next_contact_due IS NOT NULL;
CREATE INDEX case_of_owner_by_next_contact ON "case" (owner_id, next_contact_due, id)
  WHERE next_contact_due IS NOT NULL;
CREATE INDEX case_by_customer ON "case" (customer_id, closed_at, opened_at, id);
CREATE INDEX case_of_customer ON "case" (customer_id, opened_at, id);
CREATE INDEX case_by_order ON "case" (seller_id, order_key, opened_at, id) WHERE order_key IS NOT NULL;
CREATE INDEX case_by_merged_into ON "case" (merged_into) WHERE merged_into IS NOT NULL;

-- Linked intervals: each period but the first starts where the one before it ended, so there is neither gap
-- nor overlap, and exactly one is open.
CREATE TABLE ownership (
  case_id uuid NOT NULL,
  seq bigint NOT NULL CHECK (seq >= 1),
  owner_id uuid NOT NULL REFERENCES staff (id),
  started_at timestamptz NOT NULL,
  ended_at timestamptz,
  prev_ended_at timestamptz,
  is_open boolean NOT NULL GENERATED ALWAYS AS (ended_at IS NULL) STORED,
  reason text NOT NULL CHECK (reason IN ('ROUTED', 'REASSIGNED', 'HANDED_OVER', 'OWNER_LEFT', 'MERGED', 'UNMERGED', 'ROUTED_AGAIN')),
  note text,
  by_kind text NOT NULL,
  by_id uuid,
  PRIMARY KEY (case_id, seq),
  UNIQUE (case_id, ended_at),
  UNIQUE (case_id, prev_ended_at),
  UNIQUE (case_id, seq, owner_id, is_open),
  CHECK (ended_at IS NULL OR ended_at > started_at),
  CHECK ((seq = 1) = (prev_ended_at IS NULL)),
  CHECK (seq = 1 OR prev_ended_at = started_at),
  FOREIGN KEY (case_id) REFERENCES "case" (id) DEFERRABLE INITIALLY DEFERRED,
  FOREIGN KEY (case_id, prev_ended_at) REFERENCES ownership (case_id, ended_at) DEFERRABLE INITIALLY DEFERRED
);
CREATE UNIQUE INDEX ownership_one_open ON ownership (case_id) WHERE ended_at IS NULL;
-- postgres: ALTER TABLE "case" ADD FOREIGN KEY (id, owner_seq, owner_id, owner_open)
-- postgres:   REFERENCES ownership (case_id, seq, owner_id, is_open) DEFERRABLE INITIALLY DEFERRED;
CREATE INDEX ownership_by_owner ON ownership (owner_id, started_at);

-- Why this owner: one row per decision of the rules, beside the ownership period that it began or confirmed.
CREATE TABLE routing_decision (
  case_id uuid NOT NULL,
  owner_seq bigint NOT NULL,
  number bigint NOT NULL DEFAULT 1 CHECK (number >= 1),
  rule_set_id uuid REFERENCES rule_set (id),
  rule_set_version bigint,
  rule_name text,
  fallback boolean NOT NULL,
  facts jsonb NOT NULL,
  reasons jsonb NOT NULL,
  -- Why somebody had the case routed again; NULL when the service routed it by itself.
  asked_because text,
  decided_at timestamptz NOT NULL,
  PRIMARY KEY (case_id, owner_seq, number),
  FOREIGN KEY (case_id, owner_seq) REFERENCES ownership (case_id, seq) DEFERRABLE INITIALLY DEFERRED
);

-- What staff changed on a case at one time: the fields with their values before and after.
CREATE TABLE case_change (
  id uuid PRIMARY KEY,
  case_id uuid NOT NULL,
  seller_id uuid NOT NULL,
  changes jsonb NOT NULL,
  FOREIGN KEY (case_id, seller_id) REFERENCES "case" (id, seller_id)
);
CREATE INDEX case_change_by_case ON case_change (case_id);

-- How far each member of staff has seen a case: the number of the last event that they saw.
CREATE TABLE case_seen (
  staff_id uuid NOT NULL REFERENCES staff (id),
  case_id uuid NOT NULL,
  seller_id uuid NOT NULL,
  up_to bigint NOT NULL CHECK (up_to >= 0),
  PRIMARY KEY (staff_id, case_id),
  FOREIGN KEY (case_id, seller_id) REFERENCES "case" (id, seller_id)
);
CREATE INDEX case_seen_by_case ON case_seen (case_id);

-- Who watches a case that they need not own.
CREATE TABLE case_watcher (
  staff_id uuid NOT NULL REFERENCES staff (id),
  case_id uuid NOT NULL,
  seller_id uuid NOT NULL,
  since timestamptz NOT NULL,
  PRIMARY KEY (staff_id, case_id),
  FOREIGN KEY (case_id, seller_id) REFERENCES "case" (id, seller_id)
);
CREATE INDEX case_watcher_by_case ON case_watcher (case_id);

-- Hand-overs: offered to one person, and until that person accepts the owner stays the owner.
CREATE TABLE handover (
  id uuid PRIMARY KEY,
  case_id uuid NOT NULL,
  seller_id uuid NOT NULL,
  from_id uuid NOT NULL,
  to_id uuid NOT NULL,
  note text NOT NULL,
  status text NOT NULL CHECK (status IN ('OFFERED', 'ACCEPTED', 'DECLINED', 'WITHDRAWN', 'EXPIRED', 'OVERTAKEN')),
  offered_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  answered_at timestamptz,
  answer text,
  CHECK (from_id <> to_id),
  CHECK ((status = 'OFFERED') = (answered_at IS NULL)),
  FOREIGN KEY (case_id, seller_id) REFERENCES "case" (id, seller_id),
  FOREIGN KEY (from_id, seller_id) REFERENCES staff (id, seller_id),
  FOREIGN KEY (to_id, seller_id) REFERENCES staff (id, seller_id)
);
CREATE UNIQUE INDEX handover_one_offered ON handover (case_id) WHERE status = 'OFFERED';
CREATE INDEX handover_by_case ON handover (case_id, offered_at, id);
CREATE INDEX handover_offered_to ON handover (to_id, expires_at, id) WHERE status = 'OFFERED';
CREATE INDEX handover_offered_at ON handover (seller_id, expires_at, id) WHERE status = 'OFFERED';

-- What was told upwards, to whom. It moves nothing; a person decides.
CREATE TABLE escalation (
  id uuid PRIMARY KEY,
  case_id uuid NOT NULL,
  seller_id uuid NOT NULL,
  why text NOT NULL CHECK (why IN ('NOT_ACKNOWLEDGED', 'OWNER_SILENT', 'HANDOVER_UNANSWERED', 'PARTNER_SILENT', 'DISPUTE_UNDECIDED',
    'NOT_REPLIED', 'NOT_ANSWERED', 'LEGAL_CLOCK', 'COMMITMENT_BROKEN', 'NOT_CONTACTED', 'PARTNER_WAITS')),
  level integer NOT NULL CHECK (level >= 1),
  to_id uuid NOT NULL,
  raised_at timestamptz NOT NULL,
  FOREIGN KEY (case_id, seller_id) REFERENCES "case" (id, seller_id),
  FOREIGN KEY (to_id, seller_id) REFERENCES staff (id, seller_id)
);
CREATE INDEX escalation_by_case ON escalation (case_id, raised_at, id);

-- Cases that turned out to be one: what the absorbed one was, so that it can be taken apart again.
CREATE TABLE merger (
  id uuid PRIMARY KEY,
  case_id uuid NOT NULL,
  into_id uuid NOT NULL,
  seller_id uuid NOT NULL,
  stage_before text NOT NULL,
  owner_before uuid NOT NULL REFERENCES staff (id),
  closed_at_before timestamptz,
  reason text NOT NULL,
  -- Somebody said that both customers are one person: that person reads both. An address alone is no proof.
  same_customer boolean NOT NULL,
  merged_at timestamptz NOT NULL,
  undone_at timestamptz,
  CHECK (case_id <> into_id),
  FOREIGN KEY (case_id, seller_id) REFERENCES "case" (id, seller_id),
  FOREIGN KEY (into_id, seller_id) REFERENCES "case" (id, seller_id)
);
CREATE UNIQUE INDEX merger_one_standing ON merger (case_id) WHERE undone_at IS NULL;
CREATE INDEX merger_by_into ON merger (into_id);

-- What must be looked at, when: a case, a task or a dispute of it. One row per subject and kind, gone once it was
-- looked at.
CREATE TABLE due (
  subject_id uuid NOT NULL,
  kind text NOT NULL
    CHECK (kind IN ('ACKNOWLEDGE_BY', 'OWNER_ACTS_BY', 'HANDOVER_ENDS', 'TASK_ACCEPT_BY', 'TASK_UPDATE_BY',
      'TASK_DONE_BY', 'TASK_ANSWER_BY', 'TASK_REPLY_BY', 'DISPUTE_DECIDE_BY', 'REPLY_BY', 'ANSWER_BY', 'LEGAL_CLOCK', 'COMMITMENT_BY', 'CONTACT_BY',
      'TELL_CUSTOMER', 'LETTER_FAILED', 'CALL_BY')),
  case_id uuid NOT NULL,
  seller_id uuid NOT NULL,
  -- The owner of the case; it changes with the case.
  owner_id uuid NOT NULL,
  -- When it is due.
  due_at timestamptz NOT NULL,
  -- When somebody is to be told next; NULL when all have been, and it is still late.
  at timestamptz,
  level integer NOT NULL CHECK (level >= 1),
  -- From when it is counted, and how: NULL where somebody named the time itself.
  started_at timestamptz NOT NULL,
  span jsonb,
  -- Who was told last that it is late, when that is not the owner.
  told_id uuid,
  PRIMARY KEY (subject_id, kind),
  FOREIGN KEY (told_id, seller_id) REFERENCES staff (id, seller_id),
  FOREIGN KEY (case_id, seller_id) REFERENCES "case" (id, seller_id) DEFERRABLE INITIALLY DEFERRED,
  FOREIGN KEY (case_id, owner_id) REFERENCES "case" (id, owner_id) ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX due_next ON due (at, case_id);
CREATE INDEX due_by_case ON due (case_id, owner_id);
-- What a person, and what a seller, has to do next.
CREATE INDEX due_by_owner ON due (owner_id, kind, due_at, subject_id);
CREATE INDEX due_by_told ON due (told_id, due_at, kind, subject_id) WHERE told_id IS NOT NULL;
CREATE INDEX due_by_seller ON due (seller_id, kind, due_at, subject_id);

-- Who asked about a case beside its customer, and when: an ombudsman, a data subject, a regulator.
CREATE TABLE enquiry (
  id uuid PRIMARY KEY,
  version bigint NOT NULL,
  case_id uuid NOT NULL,
  seller_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('ADR', 'DATA_SUBJECT', 'REGULATOR')),
  from_name text NOT NULL,
  reference text,
  received_at timestamptz NOT NULL,
  recorded_at timestamptz NOT NULL,
  recorded_by uuid NOT NULL,
  -- A first response is not the end of a regulator's referral.
  responded_at timestamptz,
  answered_at timestamptz,
  FOREIGN KEY (case_id, seller_id) REFERENCES "case" (id, seller_id),
  FOREIGN KEY (recorded_by, seller_id) REFERENCES staff (id, seller_id)
);
CREATE INDEX enquiry_by_case ON enquiry (case_id, received_at, id);

-- Times that laws set. They go on when a case is closed, merged or given to somebody else.
CREATE TABLE legal_clock (
  id uuid PRIMARY KEY,
  case_id uuid NOT NULL,
  seller_id uuid NOT NULL,
  -- The code of its rule in a pack.
  rule text NOT NULL,
  -- What it waits to be answered, where that is not the complaint.
  enquiry_id uuid REFERENCES enquiry (id),
  started_at timestamptz NOT NULL,
  due_at timestamptz NOT NULL,
  -- Why it has the longer time that the law allows; NULL while it has not.
  extension text,
  state text NOT NULL CHECK (state IN ('RUNNING', 'MET', 'MISSED', 'PASSED')),
  -- When what it asks for was done; NULL until it is.
  done_at timestamptz,
  -- How many of the rule's warnings were told.
  warned integer NOT NULL CHECK (warned >= 0),
  CHECK (due_at > started_at),
  FOREIGN KEY (case_id, seller_id) REFERENCES "case" (id, seller_id)
);
CREATE INDEX legal_clock_by_case ON legal_clock (case_id, started_at, id);

-- What customers were promised, and by when. A row's words, times and end are never changed.
CREATE TABLE commitment (
  id uuid PRIMARY KEY,
  version bigint NOT NULL,
  case_id uuid NOT NULL,
  seller_id uuid NOT NULL,
  -- To whom it was made.
  customer_id uuid NOT NULL,
  -- Something that is done, or that the customer hears from the company; then `what` is empty.
  kind text NOT NULL CHECK (kind IN ('ACTION', 'CONTACT')),
  what text NOT NULL,
  due_at timestamptz NOT NULL,
  -- The day that was named; NULL when a time was.
  due_day date,
  zone text NOT NULL,
  place text NOT NULL CHECK (place IN ('MESSAGE', 'CALL', 'LETTER', 'VISIT', 'BEFORE_COMPLAINT', 'OTHER', 'ACKNOWLEDGEMENT', 'STEP')),
  made_at timestamptz NOT NULL,
  made_by uuid,
  recorded_at timestamptz NOT NULL,
  -- NULL: the service itself, when it acknowledged the complaint.
  recorded_by uuid,
  state text NOT NULL CHECK (state IN ('OPEN', 'KEPT', 'BROKEN', 'RENEGOTIATED', 'WITHDRAWN')),
  ended_at timestamptz,
  done_at timestamptz,
  evidence text,
  reason text,
  next_id uuid REFERENCES commitment (id) DEFERRABLE INITIALLY DEFERRED,
  -- When the customer was reached by telephone after it was broken; set too when nobody needs to be called.
  called_at timestamptz,
  -- The message that told it, and what applied before: restored when the message does not arrive.
  message_id uuid,
  before jsonb,
  CHECK (due_at > made_at),
  CHECK ((kind = 'CONTACT') = (what = '')),
  CHECK ((state = 'OPEN') = (ended_at IS NULL)),
  CHECK (kind = 'CONTACT' OR (done_at IS NULL) = (evidence IS NULL)),
  CHECK (state <> 'KEPT' OR done_at IS NOT NULL),
  CHECK (done_at IS NULL OR state IN ('KEPT', 'BROKEN')),
  CHECK ((state = 'RENEGOTIATED') = (next_id IS NOT NULL)),
  CHECK (kind = 'CONTACT' OR recorded_by IS NOT NULL),
  CHECK (kind = 'CONTACT' OR state NOT IN ('RENEGOTIATED', 'WITHDRAWN') OR reason IS NOT NULL),
  FOREIGN KEY (case_id, seller_id) REFERENCES "case" (id, seller_id) DEFERRABLE INITIALLY DEFERRED,
  FOREIGN KEY (customer_id, seller_id) REFERENCES customer (id, seller_id) DEFERRABLE INITIALLY DEFERRED,
  FOREIGN KEY (made_by, seller_id) REFERENCES staff (id, seller_id),
  FOREIGN KEY (recorded_by, seller_id) REFERENCES staff (id, seller_id)
);
CREATE INDEX commitment_by_case ON commitment (case_id, made_at, id);
CREATE INDEX commitment_by_message ON commitment (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX commitment_by_due ON commitment (seller_id, due_at);

-- When the time of a company's answer stood still, because the customer owed it something.
CREATE TABLE answer_pause (
  id uuid PRIMARY KEY,
  case_id uuid NOT NULL,
  seller_id uuid NOT NULL,
  reason text NOT NULL,
  from_at timestamptz NOT NULL,
  until_at timestamptz NOT NULL,
  -- When it ended before its time.
  ended_at timestamptz,
  by_id uuid NOT NULL,
  CHECK (until_at > from_at),
  FOREIGN KEY (case_id, seller_id) REFERENCES "case" (id, seller_id),
  FOREIGN KEY (by_id, seller_id) REFERENCES staff (id, seller_id)
);
CREATE INDEX answer_pause_by_case ON answer_pause (case_id, from_at);

CREATE TABLE case_partner (
  case_id uuid NOT NULL,
  partner_id uuid NOT NULL,
  seller_id uuid NOT NULL,
  -- Whether somebody named the partner, or it delivers what the case is about.
  suggested boolean NOT NULL,
  PRIMARY KEY (case_id, partner_id),
  FOREIGN KEY (case_id, seller_id) REFERENCES "case" (id, seller_id),
  FOREIGN KEY (partner_id, seller_id) REFERENCES partner (id, seller_id)
);

-- A file that its sender uploads before the act that attaches it. Its bytes come in parts.
CREATE TABLE upload (
  id uuid PRIMARY KEY,
  seller_id uuid NOT NULL REFERENCES seller (id),
  -- Whose credential made it: a form, a person, a system, or a customer with the case of their token.
  made_by uuid NOT NULL,
  made_for uuid,
  -- The party whose share of this day's bytes holds it, and how many of them.
  party_id uuid NOT NULL,
  reserved bigint NOT NULL CHECK (reserved >= 0),
  name text NOT NULL,
  size bigint NOT NULL CHECK (size > 0),
  -- What the sender says it must be.
  stated_sha256 bytea,
  received bigint NOT NULL CHECK (received >= 0),
  -- Found out from the bytes when all have come.
  content_type text,
  sha256 bytea,
  created_at timestamptz NOT NULL,
  finished_at timestamptz,
  attached_at timestamptz,
  CHECK (received <= size),
  CHECK ((finished_at IS NULL) = (sha256 IS NULL) AND (finished_at IS NULL) = (content_type IS NULL)),
  CHECK (finished_at IS NULL OR received = size),
  CHECK (attached_at IS NULL OR finished_at IS NOT NULL)
);
CREATE INDEX upload_waiting ON upload (created_at, id) WHERE attached_at IS NULL;

-- The bytes of an upload in parts of 256 KiB; the last may be shorter.
CREATE TABLE upload_part (
  upload_id uuid NOT NULL REFERENCES upload (id),
  number integer NOT NULL,
  bytes bytea NOT NULL,
  PRIMARY KEY (upload_id, number)
);

-- What arrived, byte for byte, by its SHA-256: the same bytes twice are stored once.
CREATE TABLE blob (
  sha256 bytea PRIMARY KEY,
  bytes bytea,
  -- Where the bytes are the parts of an upload.
  upload_id uuid REFERENCES upload (id),
  CHECK ((bytes IS NULL) <> (upload_id IS NULL))
);
CREATE INDEX blob_by_upload ON blob (upload_id) WHERE upload_id IS NOT NULL;

CREATE TABLE report (
  id uuid PRIMARY KEY,
  seller_id uuid NOT NULL,
  case_id uuid NOT NULL,
  customer_id uuid NOT NULL,
  channel text NOT NULL CHECK (channel IN ('WEB', 'EMAIL', 'PHONE', 'PARTNER', 'POST', 'FAX', 'REFERRAL', 'VISIT')),
  received_at timestamptz NOT NULL,
  recorded_at timestamptz NOT NULL,
  received_by_kind text NOT NULL,
  received_by_id uuid,
  subject text,
  words text NOT NULL,
  message_id text,
  understood boolean NOT NULL,
  details jsonb NOT NULL,
  raw_sha256 bytea NOT NULL REFERENCES blob (sha256),
  raw_content_type text NOT NULL,
  raw_size bigint NOT NULL,
  -- The number of a call that came in.
  from_number text,
  FOREIGN KEY (case_id, seller_id) REFERENCES "case" (id, seller_id),
  FOREIGN KEY (customer_id, seller_id) REFERENCES customer (id, seller_id)
);
CREATE INDEX report_by_number ON report (seller_id, from_number, received_at) WHERE from_number IS NOT NULL;
CREATE INDEX report_by_case ON report (case_id, recorded_at, id);
CREATE INDEX report_by_message_id ON report (seller_id, message_id) WHERE message_id IS NOT NULL;

CREATE TABLE tracking_token (
  hash bytea PRIMARY KEY,
  case_id uuid NOT NULL REFERENCES "case" (id),
  customer_id uuid NOT NULL REFERENCES customer (id),
  address text,
  used_at timestamptz,
  -- The member of staff who was shown it, to read it out or to send it.
  shown_to uuid REFERENCES staff (id),
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  revoked_at timestamptz,
  -- The last event of the feed that was published with it, when it was revoked together with all others.
  ended_seq bigint,
  CHECK (used_at IS NULL OR address IS NOT NULL),
  CHECK (address IS NULL OR shown_to IS NULL),
  CHECK (ended_seq IS NULL OR revoked_at IS NOT NULL)
);
CREATE INDEX tracking_token_by_case ON tracking_token (case_id);
CREATE INDEX tracking_token_by_customer ON tracking_token (customer_id);

CREATE TABLE storage_use (
  party_id uuid NOT NULL,
  day bigint NOT NULL,
  seller_id uuid NOT NULL REFERENCES seller (id),
  bytes bigint NOT NULL,
  PRIMARY KEY (party_id, day)
);
CREATE INDEX storage_use_by_day ON storage_use (day);

CREATE TABLE case_task (
  id uuid PRIMARY KEY,
  version bigint NOT NULL,
  case_id uuid NOT NULL,
  seller_id uuid NOT NULL,
  partner_id uuid NOT NULL,
  title text NOT NULL,
  asked text NOT NULL,
  status text NOT NULL
    CHECK (status IN ('REQUESTED', 'ACCEPTED', 'IN_PROGRESS', 'DONE', 'DECLINED', 'WITHDRAWN')),
  accept_by timestamptz NOT NULL,
  -- How often the partner tells how it goes once it has accepted, and by when next.
  update_every_hours integer NOT NULL CHECK (update_every_hours BETWEEN 1 AND 720),
  update_by timestamptz,
  due_at timestamptz NOT NULL,
  eta timestamptz,
  -- The first word given, and how often it was moved before it ran out.
  first_eta timestamptz,
  -- What of the customer the partner may read while the task is open, and why it must.
  shared jsonb NOT NULL,
  share_reason text,
  -- Who of the partner's people does it.
  assignee_id uuid REFERENCES partner_contact (id),
  result text,
  decline_reason text,
  requested_at timestamptz NOT NULL,
  accepted_at timestamptz,
  ended_at timestamptz,
  changed_at timestamptz NOT NULL,
  late_updates integer NOT NULL,
  reminders integer NOT NULL,
  -- How often the owner said that what was reported done is not done, and until when it was asked for at first.
  rejections integer NOT NULL,
  first_due_at timestamptz NOT NULL,
  CHECK ((status IN ('ACCEPTED', 'IN_PROGRESS')) = (update_by IS NOT NULL)),
  CHECK ((status IN ('DONE', 'DECLINED', 'WITHDRAWN')) = (ended_at IS NOT NULL)),
  UNIQUE (id, case_id),
  CHECK ((status = 'DECLINED') = (decline_reason IS NOT NULL)),
  CHECK ((status = 'DONE') = (result IS NOT NULL)),
  FOREIGN KEY (case_id, seller_id) REFERENCES "case" (id, seller_id),
  FOREIGN KEY (partner_id, seller_id) REFERENCES partner (id, seller_id)
);
CREATE INDEX case_task_by_case ON case_task (case_id, requested_at, id);
CREATE INDEX case_task_by_partner ON case_task (partner_id, status, requested_at, id, seller_id);
CREATE INDEX case_task_by_seller ON case_task (seller_id, status, requested_at, id);
CREATE INDEX case_task_by_assignee ON case_task (assignee_id, status, requested_at, id) WHERE assignee_id IS NOT NULL;
CREATE INDEX case_task_by_partner_change ON case_task (partner_id, changed_at);
CREATE INDEX case_task_by_seller_change ON case_task (seller_id, changed_at);

CREATE TABLE task_update (
  id uuid PRIMARY KEY,
  task_id uuid NOT NULL REFERENCES case_task (id),
  by_kind text NOT NULL,
  by_id uuid,
  body text NOT NULL,
  eta timestamptz,
  at timestamptz NOT NULL
);
CREATE INDEX task_update_by_task ON task_update (task_id, at, id);

-- What the owner and the partner write to each other about a task. The customer never sees it.
CREATE TABLE task_message (
  id uuid PRIMARY KEY,
  task_id uuid NOT NULL REFERENCES case_task (id),
  by_kind text NOT NULL,
  by_id uuid,
  body text NOT NULL,
  -- A question: by when the other side is to answer, and when it did.
  answer_by timestamptz,
  answered_at timestamptz,
  -- The result that was refused with it.
  refused_result text,
  at timestamptz NOT NULL
);
CREATE INDEX task_message_by_task ON task_message (task_id, at, id);

-- What of a case the owner shared with the partner, and why.
CREATE TABLE task_share (
  id uuid PRIMARY KEY,
  task_id uuid NOT NULL REFERENCES case_task (id),
  fields jsonb NOT NULL,
  reason text NOT NULL,
  by_id uuid,
  at timestamptz NOT NULL
);
CREATE INDEX task_share_by_task ON task_share (task_id, at, id);

CREATE TABLE message (
  id uuid PRIMARY KEY,
  case_id uuid NOT NULL REFERENCES "case" (id),
  report_id uuid REFERENCES report (id),
  -- What a partner told, of which these are the words for the customer.
  task_update_id uuid REFERENCES task_update (id),
  visibility text NOT NULL CHECK (visibility IN ('CUSTOMER', 'INTERNAL')),
  by_kind text NOT NULL,
  by_id uuid,
  -- Written with a link that staff have seen.
  by_shown_link boolean NOT NULL,
  -- Whether a customer's words only thank, when that was looked at.
  thanks text CHECK (thanks IN ('ONLY', 'PERHAPS')),
  body text NOT NULL,
  at timestamptz NOT NULL,
  -- When the customer heard from the company after they had written it.
  answered_at timestamptz
);
CREATE INDEX message_by_case ON message (case_id, at, id);

CREATE TABLE attachment (
  id uuid PRIMARY KEY,
  case_id uuid NOT NULL REFERENCES "case" (id),
  -- It came with a report, with what a partner told, or with a message.
  report_id uuid REFERENCES report (id),
  task_update_id uuid REFERENCES task_update (id),
  task_message_id uuid REFERENCES task_message (id),
  message_id uuid REFERENCES message (id),
  position integer NOT NULL,
  name text NOT NULL,
  content_type text NOT NULL,
  size bigint NOT NULL,
  sha256 bytea NOT NULL REFERENCES blob (sha256),
  UNIQUE (report_id, position),
  UNIQUE (task_update_id, position),
  UNIQUE (task_message_id, position),
  UNIQUE (message_id, position),
  CHECK (CASE WHEN report_id IS NULL THEN 0 ELSE 1 END + CASE WHEN task_update_id IS NULL THEN 0 ELSE 1 END
    + CASE WHEN task_message_id IS NULL THEN 0 ELSE 1 END + CASE WHEN message_id IS NULL THEN 0 ELSE 1 END = 1)
);
CREATE INDEX attachment_by_case ON attachment (case_id);

-- Files of a case that the owner gave to the partner of a task.
CREATE TABLE task_file (
  task_id uuid NOT NULL REFERENCES case_task (id),
  attachment_id uuid NOT NULL REFERENCES attachment (id),
  share_id uuid NOT NULL REFERENCES task_share (id) DEFERRABLE INITIALLY DEFERRED,
  at timestamptz NOT NULL,
  PRIMARY KEY (task_id, attachment_id)
);
CREATE INDEX task_file_by_attachment ON task_file (attachment_id);

-- What the customer of a case was told that happens next: each change is a new version.
CREATE TABLE plan (
  case_id uuid NOT NULL,
  number integer NOT NULL CHECK (number >= 1),
  seller_id uuid NOT NULL,
  -- To whom it was shown.
  customer_id uuid NOT NULL,
  made_at timestamptz NOT NULL,
  made_by uuid NOT NULL,
  -- Why a dated step was taken out, as the customer is told.
  reason text,
  PRIMARY KEY (case_id, number),
  FOREIGN KEY (case_id, seller_id) REFERENCES "case" (id, seller_id),
  FOREIGN KEY (customer_id, seller_id) REFERENCES customer (id, seller_id) DEFERRABLE INITIALLY DEFERRED,
  FOREIGN KEY (made_by, seller_id) REFERENCES staff (id, seller_id)
);

-- The steps of each version, in order. A step that goes on in the next version has the same id there.
CREATE TABLE plan_step (
  case_id uuid NOT NULL,
  number integer NOT NULL,
  position integer NOT NULL,
  id uuid NOT NULL,
  what text NOT NULL,
  -- The promise that a step with a date is.
  commitment_id uuid REFERENCES commitment (id) DEFERRABLE INITIALLY DEFERRED,
  -- The partner's task behind it, of which the customer is not told.
  task_id uuid REFERENCES case_task (id),
  -- When a step without a date was done.
  done_at timestamptz,
  PRIMARY KEY (case_id, number, position),
  UNIQUE (id, number),
  FOREIGN KEY (case_id, number) REFERENCES plan (case_id, number) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX plan_step_by_commitment ON plan_step (commitment_id) WHERE commitment_id IS NOT NULL;

-- Calls of one number to one seller on one day that nobody answered.
CREATE TABLE call_signal (
  id uuid PRIMARY KEY,
  version bigint NOT NULL,
  seller_id uuid NOT NULL REFERENCES seller (id),
  e164 text NOT NULL,
  -- The seller's local day.
  day date NOT NULL,
  kind text NOT NULL CHECK (kind IN ('MISSED', 'ABANDONED', 'VOICEMAIL')),
  calls integer NOT NULL CHECK (calls >= 1),
  first_at timestamptz NOT NULL,
  last_at timestamptz NOT NULL,
  -- The one open case about which the number had called before.
  case_id uuid,
  -- When somebody spoke with the caller.
  ended_at timestamptz,
  UNIQUE (seller_id, e164, day),
  FOREIGN KEY (case_id, seller_id) REFERENCES "case" (id, seller_id)
);
CREATE INDEX call_signal_open ON call_signal (seller_id, first_at, id) WHERE ended_at IS NULL;
CREATE INDEX call_signal_of_case ON call_signal (case_id) WHERE ended_at IS NULL AND case_id IS NOT NULL;
CREATE INDEX call_signal_by_day ON call_signal (seller_id, day);

-- What somebody says was the cause: a claim beside others, whatever was found in the end.
CREATE TABLE statement (
  id uuid PRIMARY KEY,
  case_id uuid NOT NULL,
  seller_id uuid NOT NULL,
  task_id uuid NOT NULL,
  by_kind text NOT NULL,
  by_id uuid,
  cause text NOT NULL CHECK (cause IN ('OURS', 'ANOTHER_SUPPLIER', 'SELLER', 'CUSTOMER', 'NOBODY', 'UNKNOWN')),
  body text NOT NULL,
  at timestamptz NOT NULL,
  FOREIGN KEY (case_id, seller_id) REFERENCES "case" (id, seller_id),
  FOREIGN KEY (task_id, case_id) REFERENCES case_task (id, case_id)
);
CREATE INDEX statement_by_case ON statement (case_id, at, id);

-- Partners who say that it is not theirs: the owner finds out, by a day of its own. The customer's clocks go on.
CREATE TABLE dispute (
  id uuid PRIMARY KEY,
  version bigint NOT NULL,
  case_id uuid NOT NULL,
  seller_id uuid NOT NULL,
  question text NOT NULL,
  status text NOT NULL CHECK (status IN ('OPEN', 'DECIDED', 'DROPPED')),
  decide_by timestamptz NOT NULL,
  opened_by uuid NOT NULL REFERENCES staff (id),
  opened_at timestamptz NOT NULL,
  finding text,
  -- The partner found responsible; NULL where none of them was.
  responsible_id uuid,
  ended_by uuid REFERENCES staff (id),
  ended_at timestamptz,
  UNIQUE (id, case_id),
  CHECK ((status = 'OPEN') = (ended_at IS NULL)),
  CHECK ((status = 'OPEN') = (finding IS NULL)),
  FOREIGN KEY (case_id, seller_id) REFERENCES "case" (id, seller_id),
  FOREIGN KEY (responsible_id, seller_id) REFERENCES partner (id, seller_id)
);
CREATE INDEX dispute_by_case ON dispute (case_id, opened_at, id);

CREATE TABLE dispute_task (
  dispute_id uuid NOT NULL,
  task_id uuid NOT NULL,
  case_id uuid NOT NULL,
  PRIMARY KEY (dispute_id, task_id),
  FOREIGN KEY (dispute_id, case_id) REFERENCES dispute (id, case_id),
  FOREIGN KEY (task_id, case_id) REFERENCES case_task (id, case_id)
);
CREATE INDEX dispute_task_by_task ON dispute_task (task_id);

-- One row per seller: the number of its last event. Counted up by the last statement before every commit.
CREATE TABLE feed (
  seller_id uuid PRIMARY KEY REFERENCES seller (id) DEFERRABLE INITIALLY DEFERRED,
  last_seq bigint NOT NULL,
  -- Counted up when somebody's access ends, so that whoever listens on any node looks again whether they still may.
  ends bigint NOT NULL
);

-- How far a seller's feed was read for notices to staff.
CREATE TABLE notice_feed (
  seller_id uuid PRIMARY KEY REFERENCES seller (id) DEFERRABLE INITIALLY DEFERRED,
  read_to bigint NOT NULL
);

CREATE TABLE event (
  case_id uuid NOT NULL REFERENCES "case" (id),
  seq bigint NOT NULL CHECK (seq >= 1),
  seller_id uuid NOT NULL,
  feed_seq bigint NOT NULL CHECK (feed_seq >= 1),
  -- Who owned the case once it had happened; by whom it was lost stands in staff_id.
  owner_id uuid NOT NULL,
  -- Whose case it was.
  customer_id uuid NOT NULL,
  kind text NOT NULL,
  at timestamptz NOT NULL,
  by_kind text NOT NULL,
  by_id uuid,
  partner_id uuid,
  -- Whom it concerns beside the owner: who is offered a case, or told that something is late.
  staff_id uuid,
  for_customer boolean NOT NULL,
  data jsonb NOT NULL,
  PRIMARY KEY (case_id, seq),
  UNIQUE (seller_id, feed_seq)
);
CREATE INDEX event_by_partner ON event (partner_id, feed_seq) WHERE partner_id IS NOT NULL;
CREATE INDEX event_by_owner ON event (owner_id, feed_seq);
-- For those who watch a case.
CREATE INDEX event_by_case ON event (case_id, feed_seq);
CREATE INDEX event_by_customer ON event (customer_id, feed_seq);
CREATE INDEX event_by_staff ON event (staff_id, feed_seq) WHERE staff_id IS NOT NULL;

-- Where a system of the seller, or of one of its partners, wants to be told. Its secret is derived from the service's own
-- and stored nowhere.
CREATE TABLE webhook_endpoint (
  id uuid PRIMARY KEY,
  version bigint NOT NULL,
  seller_id uuid NOT NULL REFERENCES seller (id),
  -- NULL for an endpoint of the seller itself.
  partner_id uuid,
  url text NOT NULL,
  active boolean NOT NULL,
  -- Why it was turned off, when the service did it.
  disabled_because text,
  generation integer NOT NULL,
  -- Until when the secret before this one signs too.
  previous_until timestamptz,
  -- The last event of the feed that was put into its queue.
  queued_to bigint NOT NULL,
  -- Since when nothing has come through.
  failing_since timestamptz,
  created_at timestamptz NOT NULL,
  FOREIGN KEY (partner_id, seller_id) REFERENCES partner (id, seller_id)
);
CREATE INDEX webhook_endpoint_by_partner ON webhook_endpoint (partner_id, created_at, id) WHERE partner_id IS NOT NULL;
CREATE INDEX webhook_endpoint_by_seller ON webhook_endpoint (seller_id, created_at, id) WHERE partner_id IS NULL;

CREATE TABLE webhook_delivery (
  id uuid PRIMARY KEY,
  seller_id uuid NOT NULL REFERENCES seller (id),
  endpoint_id uuid NOT NULL REFERENCES webhook_endpoint (id),
  -- The event it tells of; NULL for a ping.
  feed_seq bigint,
  -- Deliveries with the same key are sent in order: the task for a partner, the case for the seller.
  ordering_key uuid,
  kind text NOT NULL,
  body text NOT NULL,
  status text NOT NULL CHECK (status IN ('PENDING', 'DELIVERED', 'FAILED')),
  -- Attempts begun, and those whose failure was noted.
  attempts integer NOT NULL,
  failures integer NOT NULL,
  next_at timestamptz NOT NULL,
  -- A node that sends it has until then.
  leased_until timestamptz,
  created_at timestamptz NOT NULL,
  ended_at timestamptz,
  UNIQUE (endpoint_id, feed_seq),
  CHECK ((status = 'PENDING') = (ended_at IS NULL))
);
CREATE INDEX webhook_delivery_next ON webhook_delivery (next_at) WHERE status = 'PENDING';
CREATE INDEX webhook_delivery_open ON webhook_delivery (endpoint_id, ordering_key, feed_seq) WHERE status = 'PENDING';
CREATE INDEX webhook_delivery_log ON webhook_delivery (endpoint_id, status, created_at, id);
CREATE INDEX webhook_delivery_dead ON webhook_delivery (seller_id, ended_at, id) WHERE status = 'FAILED';
CREATE INDEX webhook_delivery_ended ON webhook_delivery (ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE webhook_attempt (
  delivery_id uuid NOT NULL REFERENCES webhook_delivery (id),
  number integer NOT NULL,
  at timestamptz NOT NULL,
  took_ms integer NOT NULL,
  -- What was answered; NULL when nothing was.
  status integer,
  error text,
  PRIMARY KEY (delivery_id, number)
);

-- What was accepted once: a form's key, an e-mail, a call. Expires only where a key does not name one thing for ever.
CREATE TABLE idempotency (
  scope text NOT NULL,
  operation text NOT NULL,
  key text NOT NULL,
  fingerprint bytea NOT NULL,
  result jsonb NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz,
  PRIMARY KEY (scope, operation, key)
);
CREATE INDEX idempotency_by_expiry ON idempotency (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE mailbox (
  id uuid PRIMARY KEY,
  version bigint NOT NULL,
  seller_id uuid NOT NULL REFERENCES seller (id),
  -- Lower case. No two sellers get the same mail.
  address text NOT NULL UNIQUE,
  name text NOT NULL,
  category text,
  language text NOT NULL CHECK (language IN ('SV', 'EN')),
  transport text NOT NULL CHECK (transport IN ('HTTP', 'IMAP', 'LMTP')),
  active boolean NOT NULL,
  -- Of its key: another number is another key.
  generation integer NOT NULL CHECK (generation > 0),
  -- Addresses and domains that are believed about who wrote what they pass on.
  trusted_senders jsonb NOT NULL,
  created_at timestamptz NOT NULL,
  UNIQUE (id, seller_id)
);
CREATE INDEX mailbox_by_seller ON mailbox (seller_id, created_at, id);

-- A mail as it came, kept before anybody tries to understand it.
CREATE TABLE arrival (
  id uuid PRIMARY KEY,
  seller_id uuid NOT NULL,
  mailbox_id uuid NOT NULL,
  transport text NOT NULL CHECK (transport IN ('HTTP', 'IMAP', 'LMTP')),
  envelope_from text NOT NULL,
  envelope_to text NOT NULL,
  raw_sha256 bytea NOT NULL REFERENCES blob (sha256),
  raw_size bigint NOT NULL,
  received_at timestamptz NOT NULL,
  status text NOT NULL CHECK (status IN ('WAITING', 'TAKEN_IN', 'QUARANTINED', 'STAFF_REPLY', 'PARTNER_REPLY')),
  -- Counted before it is read.
  attempts integer NOT NULL,
  -- Those that ended without it being taken in; the others beyond these ended with the process.
  failures integer NOT NULL,
  -- A node that reads it has until then.
  leased_until timestamptz,
  next_at timestamptz NOT NULL,
  reason text,
  report_id uuid,
  case_id uuid,
  ended_at timestamptz,
  -- It came before its mailbox was first looked at: it is not answered.
  old boolean NOT NULL,
  -- There was more of it than was taken.
  cut boolean NOT NULL,
  FOREIGN KEY (mailbox_id, seller_id) REFERENCES mailbox (id, seller_id),
  FOREIGN KEY (case_id, seller_id) REFERENCES "case" (id, seller_id),
  CHECK ((status = 'TAKEN_IN') = (report_id IS NOT NULL)),
  CHECK (status <> 'QUARANTINED' OR reason IS NOT NULL)
);
CREATE INDEX arrival_next ON arrival (next_at, id) WHERE status = 'WAITING';
CREATE INDEX arrival_dead ON arrival (seller_id, ended_at, id) WHERE status = 'QUARANTINED';
CREATE INDEX arrival_quarantined ON arrival (seller_id, received_at, id) WHERE status = 'QUARANTINED';

-- Where fetching a mailbox's mail stopped, and whether it works. A folder's numbers (UIDs) mean something only together
-- with its UIDVALIDITY.
CREATE TABLE fetching (
  mailbox_id uuid PRIMARY KEY REFERENCES mailbox (id),
  source text NOT NULL,
  uid_validity bigint,
  last_uid bigint NOT NULL,
  began_at timestamptz,
  -- When all that the folder held had been taken; written when something was.
  looked_at timestamptz,
  failing_since timestamptz,
  failure text,
  -- The accountable person was told.
  told boolean NOT NULL,
  CHECK ((uid_validity IS NULL) = (began_at IS NULL)),
  CHECK ((failing_since IS NULL) = (failure IS NULL)),
  CHECK (NOT told OR failing_since IS NOT NULL)
);

-- What a seller says in its letters, where that is not what the service says by itself.
CREATE TABLE letter_template (
  seller_id uuid NOT NULL REFERENCES seller (id),
  kind text NOT NULL CHECK (kind IN ('ACKNOWLEDGEMENT', 'ADDITION', 'MESSAGE', 'UPDATE')),
  language text NOT NULL CHECK (language IN ('SV', 'EN')),
  version bigint NOT NULL,
  subject text NOT NULL,
  body text NOT NULL,
  html text,
  PRIMARY KEY (seller_id, kind, language)
);

-- A seller's texts for replies, with placeholders.
CREATE TABLE reply_template (
  id uuid PRIMARY KEY,
  version bigint NOT NULL,
  seller_id uuid NOT NULL REFERENCES seller (id),
  name text NOT NULL,
  language text NOT NULL CHECK (language IN ('SV', 'EN')),
  text text NOT NULL,
  active boolean NOT NULL,
  created_at timestamptz NOT NULL,
  UNIQUE (seller_id, language, name)
);
CREATE INDEX reply_template_by_seller ON reply_template (seller_id, active, language, created_at, id);

-- A mail of ours, written with the change it tells of and sent after it.
CREATE TABLE letter (
  id uuid PRIMARY KEY,
  seller_id uuid NOT NULL,
  mailbox_id uuid NOT NULL,
  -- NULL for what is told to the company's own people.
  case_id uuid,
  -- What it answers, or whose words it carries.
  report_id uuid,
  message_id uuid,
  -- Whose it was to read: the link in it is theirs.
  customer_id uuid,
  kind text NOT NULL CHECK (kind IN ('ACKNOWLEDGEMENT', 'ADDITION', 'LINKS', 'MESSAGE', 'NOTICE', 'UPDATE')),
  recipient text NOT NULL,
  subject text NOT NULL,
  body text NOT NULL,
  html text NOT NULL,
  -- Its Message-ID, and those it goes on from.
  header_id text NOT NULL UNIQUE,
  answers text,
  thread text NOT NULL,
  status text NOT NULL CHECK (status IN ('WAITING', 'SENT', 'FAILED', 'BOUNCED', 'HELD')),
  reason text,
  -- Attempts begun, and those whose failure was noted.
  attempts integer NOT NULL,
  failures integer NOT NULL,
  next_at timestamptz NOT NULL,
  -- A node that sends it has until then.
  leased_until timestamptz,
  created_at timestamptz NOT NULL,
  ended_at timestamptz,
  -- When somebody told the customer in another way.
  called_at timestamptz,
  -- The member of staff whom it gives notice; NULL for letters to others.
  staff_id uuid,
  -- The partner's person whom it tells of tasks; NULL for letters to others.
  contact_id uuid REFERENCES partner_contact (id),
  FOREIGN KEY (mailbox_id, seller_id) REFERENCES mailbox (id, seller_id),
  FOREIGN KEY (case_id, seller_id) REFERENCES "case" (id, seller_id),
  FOREIGN KEY (customer_id, seller_id) REFERENCES customer (id, seller_id),
  FOREIGN KEY (staff_id, seller_id) REFERENCES staff (id, seller_id),
  CHECK ((case_id IS NULL) = (customer_id IS NULL)),
  CHECK (staff_id IS NULL OR case_id IS NULL AND kind = 'NOTICE'),
  CHECK (contact_id IS NULL OR staff_id IS NULL AND case_id IS NULL AND kind = 'NOTICE'),
  CHECK ((status = 'WAITING') = (ended_at IS NULL))
);
-- One answer to one thing that arrived.
CREATE UNIQUE INDEX letter_by_report ON letter (report_id) WHERE report_id IS NOT NULL;
CREATE INDEX letter_dead ON letter (seller_id, ended_at, id) WHERE status = 'FAILED';
CREATE INDEX letter_next ON letter (next_at, id) WHERE status = 'WAITING';
CREATE INDEX letter_by_case ON letter (case_id, created_at, id) WHERE case_id IS NOT NULL;
CREATE INDEX letter_by_recipient ON letter (seller_id, recipient, created_at);
CREATE INDEX letter_by_time ON letter (seller_id, created_at);
CREATE INDEX letter_by_staff ON letter (staff_id, created_at) WHERE staff_id IS NOT NULL;
-- Requests for a link by strangers, which are forgotten after a while.
CREATE INDEX letter_to_nobody ON letter (kind, ended_at) WHERE case_id IS NULL AND ended_at IS NOT NULL;
CREATE INDEX letter_by_contact ON letter (contact_id, created_at) WHERE contact_id IS NOT NULL;

-- Something that a member of staff is told by mail. Each is told of an event once. People and cases are never deleted, and a
-- key to them would make whoever reads the feed wait for every act on them.
CREATE TABLE notice (
  id uuid PRIMARY KEY,
  seller_id uuid NOT NULL,
  staff_id uuid NOT NULL,
  case_id uuid NOT NULL,
  -- The number of the event on its case.
  seq bigint NOT NULL CHECK (seq >= 1),
  kind text NOT NULL CHECK (kind IN ('ASSIGNED', 'CALL_CUSTOMER', 'COMMITMENT_TOMORROW', 'CUSTOMER_WROTE', 'ESCALATED', 'HANDOVER', 'MENTIONED', 'TASK', 'WATCHED')),
  -- What exactly: the reason of an escalation, what became of an offer, the kind of a task's event, the id of a commitment.
  detail text,
  -- What the customer wrote.
  message_id uuid,
  at timestamptz NOT NULL,
  -- When it is mailed, at the earliest.
  send_at timestamptz NOT NULL,
  -- Whether it goes into the summary of a day.
  digest boolean NOT NULL,
  -- The mail that it was told with; NULL while it waits, and when it was no longer true by then.
  letter_id uuid REFERENCES letter (id) DEFERRABLE INITIALLY DEFERRED,
  ended_at timestamptz,
  UNIQUE (staff_id, case_id, seq),
  CHECK (letter_id IS NULL OR ended_at IS NOT NULL)
);
CREATE INDEX notice_next ON notice (send_at, id) WHERE ended_at IS NULL;
CREATE INDEX notice_waiting ON notice (staff_id, send_at, id) WHERE ended_at IS NULL;
CREATE INDEX notice_by_letter ON notice (letter_id) WHERE letter_id IS NOT NULL;
CREATE INDEX notice_ended ON notice (ended_at) WHERE ended_at IS NOT NULL;

-- How far a seller's feed was read for mails to the people of its partners. There is no row until the first of them gets tasks
-- by mail.
CREATE TABLE task_mail_feed (
  seller_id uuid PRIMARY KEY REFERENCES seller (id),
  read_to bigint NOT NULL
);

-- A device that is told of news: of a member of staff, or of the customer of a case. When it is removed, how it is reached is
-- forgotten.
CREATE TABLE device (
  id uuid PRIMARY KEY,
  seller_id uuid NOT NULL REFERENCES seller (id),
  staff_id uuid REFERENCES staff (id),
  case_id uuid REFERENCES "case" (id),
  customer_id uuid REFERENCES customer (id),
  -- A browser's push service, and the keys with which a message to it is encrypted.
  endpoint text,
  public_key bytea,
  auth bytea,
  -- What the operator's relay knows an app by.
  relay_token text,
  created_at timestamptz NOT NULL,
  removed_at timestamptz,
  CHECK ((staff_id IS NULL) = (case_id IS NOT NULL)),
  CHECK ((case_id IS NULL) = (customer_id IS NULL)),
  CHECK ((endpoint IS NULL) = (public_key IS NULL) AND (endpoint IS NULL) = (auth IS NULL)),
  CHECK (CASE WHEN removed_at IS NULL THEN (endpoint IS NULL) <> (relay_token IS NULL)
    ELSE endpoint IS NULL AND relay_token IS NULL END)
);
CREATE INDEX device_by_staff ON device (staff_id, created_at, id) WHERE removed_at IS NULL AND staff_id IS NOT NULL;
CREATE INDEX device_by_case ON device (case_id, created_at, id) WHERE removed_at IS NULL AND case_id IS NOT NULL;
CREATE INDEX device_by_customer ON device (customer_id) WHERE removed_at IS NULL AND customer_id IS NOT NULL;
CREATE INDEX device_removed ON device (removed_at) WHERE removed_at IS NOT NULL;

-- How far a seller's feed was read for pushes to customers. There is no row until the first of them registers a device.
CREATE TABLE push_feed (
  seller_id uuid PRIMARY KEY REFERENCES seller (id),
  read_to bigint NOT NULL
);

-- A push: one message to a device. It has no key to the device and the case, for the same reason as a notice.
CREATE TABLE push (
  id uuid PRIMARY KEY,
  seller_id uuid NOT NULL,
  device_id uuid NOT NULL,
  case_id uuid NOT NULL,
  -- Where it is sent to, so that one host that does not answer holds up no other.
  host text NOT NULL,
  kind text NOT NULL,
  status text NOT NULL CHECK (status IN ('WAITING', 'SENT', 'FAILED', 'DROPPED')),
  reason text,
  -- Attempts begun, and those whose failure was noted.
  attempts integer NOT NULL,
  failures integer NOT NULL,
  next_at timestamptz NOT NULL,
  -- A node that sends it has until then.
  leased_until timestamptz,
  created_at timestamptz NOT NULL,
  ended_at timestamptz,
  CHECK ((status = 'WAITING') = (ended_at IS NULL))
);
CREATE INDEX push_next ON push (next_at, id) WHERE status = 'WAITING';
CREATE INDEX push_waiting ON push (device_id, case_id) WHERE status = 'WAITING';
CREATE INDEX push_recent ON push (device_id, next_at);
CREATE INDEX push_dead ON push (seller_id, ended_at, id) WHERE status = 'FAILED';
CREATE INDEX push_ended ON push (ended_at) WHERE ended_at IS NOT NULL;

-- Something that a partner's person is told by mail about a task. Each is told of an event once. It has no key to the task and
-- the person, for the same reason as a notice.
CREATE TABLE task_mail (
  id uuid PRIMARY KEY,
  seller_id uuid NOT NULL,
  contact_id uuid NOT NULL,
  task_id uuid NOT NULL,
  -- The number of the event on the task's case; NULL for a link that was asked for.
  seq bigint CHECK (seq >= 1),
  kind text NOT NULL CHECK (kind IN ('REQUESTED', 'ASSIGNED', 'REMINDED', 'MESSAGE', 'REJECTED', 'SHARED', 'LATE', 'WITHDRAWN', 'LINK')),
  at timestamptz NOT NULL,
  -- When it is mailed, at the earliest.
  send_at timestamptz NOT NULL,
  -- The mail that it was told with; NULL while it waits, and when it was no longer true by then.
  letter_id uuid REFERENCES letter (id) DEFERRABLE INITIALLY DEFERRED,
  ended_at timestamptz,
  UNIQUE (contact_id, task_id, seq),
  CHECK (letter_id IS NULL OR ended_at IS NOT NULL)
);
CREATE INDEX task_mail_next ON task_mail (send_at, id) WHERE ended_at IS NULL;
CREATE INDEX task_mail_waiting ON task_mail (contact_id, send_at, id) WHERE ended_at IS NULL;
CREATE INDEX task_mail_by_task ON task_mail (task_id, at, id);
CREATE INDEX task_mail_by_letter ON task_mail (letter_id) WHERE letter_id IS NOT NULL;
CREATE INDEX task_mail_ended ON task_mail (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX task_mail_links ON task_mail (contact_id, ended_at) WHERE kind = 'LINK';

-- What search finds of a row, for one reader: its seller, or the partner of the task that it belongs to. It is written
-- together with the row. It has no keys to other tables: an act that writes it holds the row that has the words.
CREATE TABLE search_document (
  -- Counted up, so that the newest are found first.
  -- postgres: number bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
  -- sqlite: number integer PRIMARY KEY,
  -- Made of the key of the row.
  id uuid NOT NULL,
  reader_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('CASE', 'CUSTOMER', 'MESSAGE', 'REPORT', 'LETTER', 'TASK', 'FILE')),
  -- The object that is found, the case it belongs to and, of a task's parts, the task.
  subject_id uuid NOT NULL,
  case_id uuid,
  task_id uuid,
  -- The words of references, addresses and numbers, and of subjects, names and titles, by which the matches are ranked.
  keys text NOT NULL,
  head text NOT NULL,
  -- All words, and the marks of the reader and of the kind: each once, separated by spaces.
  terms text NOT NULL,
  UNIQUE (id, reader_id)
);
-- The words are made by the service, so that both stores find the same. Neither store's own reading of texts is used.
-- postgres: CREATE INDEX search_document_terms ON search_document USING gin (array_to_tsvector(string_to_array(terms, ' ')));
-- sqlite: CREATE VIRTUAL TABLE search_index USING fts5(terms, content = 'search_document', content_rowid = 'number', tokenize = 'ascii', detail = 'none', columnsize = 0);
-- A trigger stands on one line, because a line that ends with a semicolon ends a statement.
-- sqlite: CREATE TRIGGER search_document_added AFTER INSERT ON search_document BEGIN INSERT INTO search_index (rowid, terms) VALUES (new.number, new.terms); END;
-- sqlite: CREATE TRIGGER search_document_changed AFTER UPDATE OF terms ON search_document WHEN old.terms <> new.terms BEGIN INSERT INTO search_index (search_index, rowid, terms) VALUES ('delete', old.number, old.terms); INSERT INTO search_index (rowid, terms) VALUES (new.number, new.terms); END;
-- sqlite: CREATE TRIGGER search_document_removed AFTER DELETE ON search_document BEGIN INSERT INTO search_index (search_index, rowid, terms) VALUES ('delete', old.number, old.terms); END;

-- One row that is written to find out whether the store takes writes.
CREATE TABLE probe (
  id bigint NOT NULL PRIMARY KEY,
  bytes bytea NOT NULL
);
