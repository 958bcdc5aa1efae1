ALTER TABLE "deployments" ADD COLUMN "log_bytes" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "log_lines" ADD COLUMN "end_byte" bigint DEFAULT 0 NOT NULL;