ALTER TABLE "previews" ADD COLUMN "asleep_by" text DEFAULT 'person' NOT NULL;--> statement-breakpoint
ALTER TABLE "previews" ADD COLUMN "expired_sha" text;--> statement-breakpoint
ALTER TABLE "previews" ADD COLUMN "room" text DEFAULT 'none' NOT NULL;--> statement-breakpoint
ALTER TABLE "previews" ADD COLUMN "used_at" timestamp (3) with time zone;--> statement-breakpoint
CREATE INDEX "previews_room" ON "previews" USING btree ("used_at") WHERE room <> 'none';--> statement-breakpoint
UPDATE "previews" SET "used_at" = "updated_at", "room" = case when "wanted_run" = 'running' then 'has' else 'none' end WHERE "wanted_run" <> 'nothing';
