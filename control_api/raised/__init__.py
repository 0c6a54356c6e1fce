"""What candidates raise, and what their pages notice: problems with their answers, and browser events."""
