"""Mail that came back: delivery status notifications, what odd hosts write instead, complaints (ARF) and automatic answers."""
