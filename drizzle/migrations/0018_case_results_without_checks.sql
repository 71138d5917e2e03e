ALTER TABLE "case_results" DROP CONSTRAINT "case_results_report_number_case_reports_number_fk";
--> statement-breakpoint
DROP INDEX "case_results_fingerprint";--> statement-breakpoint
CREATE INDEX "case_results_fingerprint" ON "case_results" USING btree ("fingerprint","report_number","case_number") WHERE fingerprint is not null;