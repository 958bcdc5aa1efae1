DROP INDEX "deployments_to_report";--> statement-breakpoint
ALTER TABLE "deployments" ADD COLUMN "wished_url" text;--> statement-breakpoint
ALTER TABLE "deployments" ADD COLUMN "reported_url" text;--> statement-breakpoint
CREATE INDEX "deployments_to_report" ON "deployments" USING btree ("status_wished_at") WHERE (wished_status, wished_url) is distinct from (reported_status, reported_url);