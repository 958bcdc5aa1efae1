CREATE TABLE "comments" (
	"project_id" integer NOT NULL,
	"pull" integer NOT NULL,
	"preview_id" bigint NOT NULL,
	"comment_id" bigint,
	"wished_body" text NOT NULL,
	"written_body" text,
	"frozen" boolean DEFAULT false NOT NULL,
	"wished_at" timestamp (3) with time zone NOT NULL,
	"not_before" timestamp (3) with time zone,
	"lease_no" integer DEFAULT 0 NOT NULL,
	"lease_until" timestamp (3) with time zone,
	"attempts" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "comments_project_id_pull_pk" PRIMARY KEY("project_id","pull")
);
--> statement-breakpoint
CREATE TABLE "deliveries" (
	"guid" text PRIMARY KEY NOT NULL,
	"seq" bigserial NOT NULL,
	"event" text NOT NULL,
	"body" text,
	"state" text DEFAULT 'waiting' NOT NULL,
	"received_at" timestamp (3) with time zone NOT NULL,
	"retry_at" timestamp (3) with time zone,
	"lease_until" timestamp (3) with time zone,
	"attempts" integer DEFAULT 0 NOT NULL,
	"error" text,
	"finished_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "deployments" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"preview_id" bigint NOT NULL,
	"sha" text NOT NULL,
	"redeploy_no" integer NOT NULL,
	"pull_number" integer,
	"state" text DEFAULT 'queued' NOT NULL,
	"no_cache" boolean NOT NULL,
	"image" text,
	"port" integer,
	"failure" jsonb,
	"attempts" integer DEFAULT 0 NOT NULL,
	"retry_at" timestamp (3) with time zone,
	"exit_code" integer,
	"log_token" text NOT NULL,
	"log_count" integer DEFAULT 0 NOT NULL,
	"build_no" integer DEFAULT 0 NOT NULL,
	"build_owner" text,
	"build_until" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone NOT NULL,
	"build_started_at" timestamp (3) with time zone,
	"fetched_at" timestamp (3) with time zone,
	"built_at" timestamp (3) with time zone,
	"started_at" timestamp (3) with time zone,
	"ready_at" timestamp (3) with time zone,
	"switched_at" timestamp (3) with time zone,
	"ended_at" timestamp (3) with time zone,
	"github_deployment_id" bigint,
	"wished_status" text,
	"reported_status" text,
	"status_wished_at" timestamp (3) with time zone,
	"status_not_before" timestamp (3) with time zone,
	"status_lease_no" integer DEFAULT 0 NOT NULL,
	"status_lease_until" timestamp (3) with time zone,
	"status_attempts" integer DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE TABLE "heads" (
	"project_id" integer NOT NULL,
	"branch" text NOT NULL,
	"sha" text NOT NULL,
	CONSTRAINT "heads_project_id_branch_pk" PRIMARY KEY("project_id","branch")
);
--> statement-breakpoint
CREATE TABLE "log_lines" (
	"deployment_id" bigint NOT NULL,
	"seq" integer NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"step" text,
	"stream" text NOT NULL,
	"text" text NOT NULL,
	CONSTRAINT "log_lines_deployment_id_seq_pk" PRIMARY KEY("deployment_id","seq")
);
--> statement-breakpoint
CREATE TABLE "previews" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"project_id" integer NOT NULL,
	"kind" text NOT NULL,
	"ref" text NOT NULL,
	"host_label" text NOT NULL,
	"state" text DEFAULT 'removed' NOT NULL,
	"wanted_run" text DEFAULT 'nothing' NOT NULL,
	"wanted_sha" text,
	"wanted_reason" text DEFAULT 'first-sight' NOT NULL,
	"asleep_because" text,
	"wanted_redeploy_no" integer DEFAULT 0 NOT NULL,
	"generation" integer DEFAULT 0 NOT NULL,
	"redeploy_no" integer DEFAULT 0 NOT NULL,
	"removed_sha" text,
	"asleep_sha" text,
	"left_out_sha" text,
	"pulls" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"live_deployment_id" bigint,
	"crash_count" integer DEFAULT 0 NOT NULL,
	"last_crash_at" timestamp (3) with time zone,
	"due_at" timestamp (3) with time zone,
	"lease_no" integer DEFAULT 0 NOT NULL,
	"lease_owner" text,
	"lease_until" timestamp (3) with time zone,
	"kicks" integer DEFAULT 0 NOT NULL,
	"claimed_kicks" integer DEFAULT 0 NOT NULL,
	"look" boolean DEFAULT false NOT NULL,
	"look_kick" integer DEFAULT 0 NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "projects" (
	"id" serial PRIMARY KEY NOT NULL,
	"repository_id" bigint NOT NULL,
	"installation_id" bigint NOT NULL,
	"owner" text NOT NULL,
	"name" text NOT NULL,
	"private" boolean NOT NULL,
	"default_branch" text NOT NULL,
	"sighted_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "projects_repository_id_unique" UNIQUE("repository_id")
);
--> statement-breakpoint
CREATE TABLE "secrets" (
	"project_id" integer NOT NULL,
	"name" text NOT NULL,
	"ciphertext" text NOT NULL,
	CONSTRAINT "secrets_project_id_name_pk" PRIMARY KEY("project_id","name")
);
--> statement-breakpoint
ALTER TABLE "comments" ADD CONSTRAINT "comments_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "comments" ADD CONSTRAINT "comments_preview_id_previews_id_fk" FOREIGN KEY ("preview_id") REFERENCES "public"."previews"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "deployments" ADD CONSTRAINT "deployments_preview_id_previews_id_fk" FOREIGN KEY ("preview_id") REFERENCES "public"."previews"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "heads" ADD CONSTRAINT "heads_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "log_lines" ADD CONSTRAINT "log_lines_deployment_id_deployments_id_fk" FOREIGN KEY ("deployment_id") REFERENCES "public"."deployments"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "previews" ADD CONSTRAINT "previews_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "secrets" ADD CONSTRAINT "secrets_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "comments_of_preview" ON "comments" USING btree ("preview_id");--> statement-breakpoint
CREATE INDEX "comments_to_write" ON "comments" USING btree ("wished_at") WHERE wished_body is distinct from written_body;--> statement-breakpoint
CREATE INDEX "deliveries_waiting" ON "deliveries" USING btree ("received_at","seq") WHERE state = 'waiting';--> statement-breakpoint
CREATE UNIQUE INDEX "deployments_log_token" ON "deployments" USING btree ("log_token");--> statement-breakpoint
CREATE INDEX "deployments_of_preview" ON "deployments" USING btree ("preview_id","id");--> statement-breakpoint
CREATE INDEX "deployments_image" ON "deployments" USING btree ("image") WHERE image is not null;--> statement-breakpoint
CREATE INDEX "deployments_to_build" ON "deployments" USING btree ("id") WHERE state in ('queued', 'building');--> statement-breakpoint
CREATE INDEX "deployments_to_report" ON "deployments" USING btree ("status_wished_at") WHERE wished_status is distinct from reported_status;--> statement-breakpoint
CREATE UNIQUE INDEX "previews_host_label" ON "previews" USING btree ("host_label");--> statement-breakpoint
CREATE UNIQUE INDEX "previews_ref" ON "previews" USING btree ("project_id","kind","ref");--> statement-breakpoint
CREATE INDEX "previews_due" ON "previews" USING btree ("due_at") WHERE due_at is not null;