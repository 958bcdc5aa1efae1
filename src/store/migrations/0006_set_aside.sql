ALTER TABLE "previews" ADD COLUMN "aside_reason" text;--> statement-breakpoint
ALTER TABLE "previews" ADD COLUMN "aside_at" timestamp (3) with time zone;