import "../ui/tokens.css";
